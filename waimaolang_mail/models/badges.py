# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the chatter shows of mails, as one query: (message, badge, whether the user
reads its home, the opportunity where it stands)."""

BADGES = """
    SELECT message.id, jsonb_build_object(
               'id', mail.id,
               'direction', mail.direction,
               'mailbox', COALESCE(shown.names, ''),
               'from', COALESCE(CASE WHEN %(told)s THEN mail.email_from END, ''),
               'to', COALESCE(CASE WHEN %(told)s THEN mail.email_to END, ''),
               'cc', COALESCE(CASE WHEN %(told)s THEN mail.email_cc END, ''),
               'restricted', message.waimaolang_restricted IS TRUE,
               'conversation', mail.conversation_id,
               'sends', %(sends)s,
               'auto', mail.auto_kind,
               'returns', mail.returns_on,
               'returned', COALESCE(back.told, '[]'::jsonb),
               'reduced', mail.reduced IS TRUE,
               'omitted', COALESCE(CASE WHEN %(told)s THEN mail.omitted END, '')),
           %(home)s, lead.id, lead.name
      FROM mail_message message
      JOIN waimaolang_mail mail ON mail.id = message.waimaolang_mail_id
      LEFT JOIN crm_lead lead
                ON message.model = 'crm.lead' AND lead.id = message.res_id
      LEFT JOIN LATERAL (
            SELECT string_agg(box.name, ', ' ORDER BY box.name, box.id) AS names
              FROM waimaolang_mail_mailbox_rel held
              JOIN waimaolang_mailbox box
                ON box.id = held.waimaolang_mailbox_id AND %(given)s
             WHERE held.waimaolang_mail_id = mail.id) shown ON TRUE
      LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object(
                       'email', bounce.email, 'kind', bounce.kind,
                       'cause', bounce.cause, 'hard', bounce.hard,
                       'detail', bounce.detail) ORDER BY bounce.id) AS told
              FROM waimaolang_bounce bounce
             WHERE bounce.mail_id = mail.id AND %(told)s AND %(bcc)s) back ON TRUE
     WHERE message.id = ANY(%(ids)s)
"""
