-- A copy of the database must not be able to open anybody's mailbox.
UPDATE waimaolang_oauth_grant
   SET tokens_sealed = NULL,
       state = CASE WHEN state = 'live' THEN 'dead' ELSE state END;
UPDATE waimaolang_oauth_app SET password_sealed = NULL;
DELETE FROM waimaolang_oauth_state;
