from . import controllers, engine, models
from .hooks import uninstall_hook
