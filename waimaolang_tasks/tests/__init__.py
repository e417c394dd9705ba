from . import test_deadlines
from . import test_reminders
from . import test_rules
from . import test_task_privacy
