# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import os
import secrets

from odoo import api, models

from ..engine.batch import WHOLE_FILES


class IrAttachment(models.Model):
    """A file of the filestore is there whole or not at all. Core writes it in place:
    of a full disk or a killed process half of it stays, and every later try with the
    same content is refused as a collision."""

    _inherit = "ir.attachment"

    @api.model
    def _get_path(self, bin_data, sha):
        """Core refuses here what differs."""
        name = f"{sha[:2]}/{sha}"
        if self.env.context.get(WHOLE_FILES) and os.path.exists(self._full_path(name)):
            self._waimaolang_write_whole(name, bin_data)
        return super()._get_path(bin_data, sha)

    @api.model
    def _file_write(self, bin_value, checksum):
        if self.env.context.get(WHOLE_FILES):
            self._waimaolang_write_whole(f"{checksum[:2]}/{checksum}", bin_value)
        return super()._file_write(bin_value, checksum)

    def _waimaolang_write_whole(self, name, bin_value):
        path = self._full_path(name)
        with contextlib.suppress(OSError):
            if os.path.getsize(path) == len(bin_value):
                return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        part = f"{path}.{secrets.token_hex(4)}"
        try:
            with open(part, "wb") as file:
                file.write(bin_value)
            # in case the transaction is rolled back
            self._mark_for_gc(name)
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
