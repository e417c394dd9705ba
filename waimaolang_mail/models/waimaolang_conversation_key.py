# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WaimaolangConversationKey(models.Model):
    """By what a mail is recognised as part of a conversation: the Message-IDs of its
    mails and of those that they answer, stored or not, and subject with participants.
    Kept apart from the mails, since an answer may be stored before its question. An id
    may name several conversations: a forged one must not take the real one's place."""

    _name = "waimaolang.conversation.key"
    _description = "Key of a Conversation"
    _rec_name = "key"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    conversation_id = fields.Many2one(
        "waimaolang.conversation", required=True, ondelete="cascade", index=True
    )

    _key_unique = models.UniqueIndex("(company_id, key, conversation_id)")
