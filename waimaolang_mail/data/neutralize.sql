-- A copy of the database must neither hold secrets nor read anybody's mailbox.
UPDATE waimaolang_mailbox
   SET password_sealed = NULL,
       state = CASE WHEN state IN ('connected', 'error', 'reauth')
                    THEN 'disconnected' ELSE state END;
DELETE FROM waimaolang_login_wait;
UPDATE waimaolang_mailbox_lease SET holder = NULL, expires = NULL;
UPDATE waimaolang_bind_wizard SET password_sealed = NULL;
UPDATE waimaolang_reconnect_wizard SET password_sealed = NULL;
