# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def post_init_hook(env):
    env["waimaolang.lane"]._ensure_lanes()


def uninstall_hook(env):
    """The reading rights go with the addon, and Odoo's own would show a private
    mailbox's mail to whoever reads the contact: such mail leaves the chatters. What
    everybody may read stays where it stands."""
    env.cr.execute(
        """
        UPDATE mail_message message SET model = NULL, res_id = NULL
         WHERE message.waimaolang_restricted AND NOT EXISTS (
            SELECT 1 FROM waimaolang_mail_mailbox_rel held
              JOIN waimaolang_mailbox box ON box.id = held.waimaolang_mailbox_id
             WHERE held.waimaolang_mail_id = message.waimaolang_mail_id
               AND box.visibility = 'everyone')
        """
    )
    env["ir.config_parameter"].sudo().search(
        [("key", "=like", "waimaolang\\_mail.%")]
    ).unlink()
