from . import base_partner_merge
from . import waimaolang_mail_link_wizard
