from . import test_answers
from . import test_deadlines
from . import test_dry_run
from . import test_ready_rules
from . import test_reminders
from . import test_rules
from . import test_task_privacy
from . import test_translations
