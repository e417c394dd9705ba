from . import failed_mail
