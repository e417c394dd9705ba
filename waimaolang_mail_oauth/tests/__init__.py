from . import test_app_access
from . import test_app_addresses
from . import test_app_broken
from . import test_app_states
from . import test_app_views
from . import test_callback
from . import test_grants
