from . import test_app_broken
from . import test_callback
from . import test_grants
