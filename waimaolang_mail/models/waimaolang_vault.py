# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import os
import secrets
from pathlib import Path

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import config

from ..engine import sealing

_logger = logging.getLogger(__name__)

FINGERPRINT = "waimaolang_mail.key_fingerprint"
CONFIG_KEY = "waimaolang_mail_key"
SHORTEST_KEY = 32
ENV_KEY = "WAIMAOLANG_MAIL_KEY"


class KeyMissingError(Exception):
    """No key, or not the one that the secrets of this database need."""


class WaimaolangVault(models.AbstractModel):
    """Seals secrets with a key that is never in the database (invariant I9).

    The key comes from the environment or from odoo.conf; a single host may do
    without: a file in the data folder then serves.
    """

    _name = "waimaolang.vault"
    _description = "Secrets of Mailboxes"

    @api.model
    def _key_file(self):
        return Path(config["data_dir"]) / "waimaolang_mail" / "key"

    @api.model
    def _configured_key(self):
        return os.environ.get(ENV_KEY) or config.get(CONFIG_KEY) or ""

    @api.model
    def _read_key(self, create=False):
        """The 32 bytes, or KeyMissingError."""
        configured = self._configured_key()
        if configured:
            return sealing.derive_key(configured)
        path = self._key_file()
        if create and not path.exists():
            self._create_key_file(path)
        try:
            text = path.read_text().strip()
        except OSError as exc:
            raise KeyMissingError("no key") from exc
        if len(text) < SHORTEST_KEY:  # a disk that was full: anybody could guess it
            raise KeyMissingError("no whole key")
        return sealing.derive_key(text)

    @api.model
    def _create_key_file(self, path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            # whole or not at all; of two processes only one makes the key
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()
        _logger.info("made a key for mailbox secrets in the data folder")

    @api.model
    def _get_key(self, create=False):
        """The key, checked against the fingerprint that the database keeps: a
        mismatch must never lead to sealing with another key."""
        parameters = self.env["ir.config_parameter"].sudo()
        known = parameters.get_param(FINGERPRINT)
        key = self._read_key(create=create and not known)
        fingerprint = sealing.fingerprint(key)
        if known and known != fingerprint:
            raise KeyMissingError("another key")
        if not known:
            parameters.set_param(FINGERPRINT, fingerprint)
        return key

    @api.model
    def _digest(self, *words):
        """Keyed; KeyMissingError."""
        return sealing.digest(self._get_digest_key(), *words)

    @api.model
    def _get_digest_key(self):
        """For many digests; KeyMissingError. Writes no parameter: the cursor may be one
        of its own, while the caller's holds a new fingerprint."""
        known = self.env["ir.config_parameter"].sudo().get_param(FINGERPRINT)
        key = self._read_key(create=not known)
        if known and known != sealing.fingerprint(key):
            raise KeyMissingError("another key")
        return key

    @api.model
    def _context_of(self, record, field):
        return f"{record._name}:{record.id}:{field}"

    @api.model
    def _seal(self, record, field, plain):
        try:
            key = self._get_key(create=True)
        except KeyMissingError as exc:
            raise UserError(
                self.env._(
                    "The key that protects mailbox secrets is missing or is not the "
                    "one this database was used with. Ask your administrator to put "
                    "the right %(option)s into odoo.conf, or %(variable)s into the "
                    "environment.",
                    option=CONFIG_KEY,
                    variable=ENV_KEY,
                )
            ) from exc
        return sealing.seal(key, self._context_of(record, field), plain)

    @api.model
    def _unseal(self, record, field, value):
        """The secret, or KeyMissingError; never shown to anybody."""
        try:
            return sealing.unseal(
                self._get_key(), self._context_of(record, field), value
            )
        except sealing.SealError as exc:
            raise KeyMissingError("the secret does not open") from exc
