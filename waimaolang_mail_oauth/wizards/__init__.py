from . import waimaolang_bind_wizard
from . import waimaolang_reconnect_wizard
