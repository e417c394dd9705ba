from . import test_access
from . import test_lane
from . import test_mailbox
from . import test_message
from . import test_secrets
from . import test_store
from . import test_translations
