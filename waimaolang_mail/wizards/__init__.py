from . import base_partner_merge
from . import waimaolang_mail_link_wizard
from . import waimaolang_reconnect_wizard
from . import waimaolang_erase_wizard
