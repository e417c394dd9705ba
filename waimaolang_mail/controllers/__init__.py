from . import mail_bytes
