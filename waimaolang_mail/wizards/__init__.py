from . import base_partner_merge
from . import waimaolang_mail_link_wizard
from . import waimaolang_bind_wizard_steps
from . import waimaolang_bind_wizard_proof
from . import waimaolang_bind_wizard
from . import waimaolang_bind_wizard_folder
from . import waimaolang_reconnect_wizard
from . import waimaolang_erase_wizard
