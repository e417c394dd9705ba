from . import mailbox_sync
