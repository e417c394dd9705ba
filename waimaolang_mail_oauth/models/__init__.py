from . import waimaolang_oauth_app
from . import waimaolang_oauth_app_address
from . import waimaolang_oauth_grant
from . import waimaolang_oauth_state
from . import waimaolang_provider
from . import waimaolang_mailbox
from . import res_users
from . import res_config_settings
