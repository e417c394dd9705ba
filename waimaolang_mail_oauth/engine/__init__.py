from ..flow import redact
from . import tokens

redact.install()
