from . import waimaolang_mail_link_wizard
