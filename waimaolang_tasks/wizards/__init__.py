from . import waimaolang_task_dry_run
from . import waimaolang_task_dry_run_line
from . import waimaolang_task_setup
from . import waimaolang_task_setup_line
from . import waimaolang_task_setup_team
