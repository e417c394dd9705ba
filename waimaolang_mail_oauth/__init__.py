from . import controllers, engine, models, wizards
from .hooks import uninstall_hook
