# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import proof
from ..models import mailbox_errors
from ..models.waimaolang_mailbox_proof import build_test_mail, describe_arrival
from ..models.waimaolang_vault import KeyMissingError
from ..transport.base import Credentials, RemoteFolder, ServerAddress
from ..transport.errors import MailServerError
from ..transport.roles import default_synced, parse_names, with_names

# What was tested is what is bound: a change of any of these needs another test.
TESTED_FIELDS = (
    "email",
    "login",
    "protocol",
    "incoming_host",
    "incoming_port",
    "incoming_security",
    "outgoing_host",
    "outgoing_port",
    "outgoing_security",
    "password_sealed",
)
# Where another code may be the remedy; not for sending: reading took the same one.
CODE_CODES = frozenset(("auth_bad", "auth_needs_code", "ambiguous"))
ROLE_ORDER = ("inbox", "sent", "all", "archive", "other", "drafts", "junk", "trash")


class WaimaolangBindProof(models.AbstractModel):
    """Tests what the form says, in three stages: reading, sending, arrival. Each is a
    call of its own, so that its steps show as soon as they are known. What was found is
    kept out of reach of the client: nobody passes a test by writing so."""

    _name = "waimaolang.bind.proof"
    _description = "Test of a Binding"

    proof = fields.Json(copy=False, groups=fields.NO_ACCESS)
    proof_result = fields.Json(compute="_compute_proof_result")
    is_tested = fields.Boolean(compute="_compute_proof_result")
    is_receiving = fields.Boolean(compute="_compute_proof_result")
    estimates = fields.Json(
        readonly=True,
        copy=False,
        help="Mails and bytes that each history window means.",
    )

    @api.depends("proof", "send_test", *TESTED_FIELDS)
    @api.depends_context("lang")
    def _compute_proof_result(self):
        for wizard in self:
            kept = wizard._get_proof()
            passed = kept.get("passed", [])
            wizard.is_receiving = "incoming" in passed
            wizard.is_tested = wizard.is_receiving and (
                "arrival" in passed or not wizard._sends()
            )
            wizard.proof_result = wizard._describe(kept)

    def _sends(self):
        return bool(self.send_test and self.outgoing_host)

    def _get_proof(self):
        """What the tests of the present settings found; empty after a change."""
        kept = self.sudo().proof or {}
        return kept if kept.get("key") == self._get_settings_key() else {}

    def _get_settings_key(self):
        values = self._get_tested_values()
        return hashlib.sha256("\0".join(values).encode()).hexdigest()

    def _get_tested_values(self):
        """Hook: texts; another one is another binding."""
        return [str(self.sudo()[name]) for name in TESTED_FIELDS]

    def _describe(self, kept):
        """For the widget: steps, error and transcript, in the reader's language."""
        error = kept.get("error")
        return {
            "begun": bool(kept),
            "sends": self._sends(),
            "finished": bool(kept) and (self.is_tested or bool(error)),
            "steps": [
                step for steps in kept.get("steps", {}).values() for step in steps
            ],
            "transcript": "\n".join(kept.get("transcript", [])),
            "error": self._explain(error) if error else False,
            "passed": self._get_passed_text(kept) if self.is_tested else "",
        }

    def _explain(self, error):
        found = mailbox_errors.explain(
            self.env,
            error["code"],
            error["detail"],
            provider=self.provider_id,
            protocol=self.protocol,
            side=error["side"],
            method=self.auth_method,
        )
        return {
            "code": error["code"],
            "cause": found.cause,
            "remedies": found.remedies,
            "link": found.link,
            "detail": error["detail"]
            and mailbox_errors.tell_details(self.env, error["detail"]),
            "wants_code": self._wants_code(error),
        }

    def _wants_code(self, error):
        """Hook: whether another code may be the remedy."""
        return error["side"] == "incoming" and error["code"] in CODE_CODES

    def _get_passed_text(self, kept):
        arrival = kept.get("arrival")
        if not arrival:
            return self.env._("The mailbox can be read.")
        return describe_arrival(self.env, arrival)

    # -- stages -------------------------------------------------------------------

    def action_test_incoming(self):
        """Connects and reads the list of folders. Returns what ``proof_result`` holds,
        as the other stages do."""
        self._check_can_test()
        kept = {
            "key": self._get_settings_key(),
            "steps": {},
            "passed": [],
            "own": (self.sudo().proof or {}).get("own", []),
        }
        return self._run_stage(kept, "incoming", proof.incoming)

    def action_test_sending(self):
        self._check_can_test()
        kept = self._get_proof()
        if "incoming" not in kept.get("passed", []) or not self._sends():
            return self._describe(kept)
        mail = build_test_mail(self.env, self.email_key)
        return self._run_stage(
            kept, "sending", lambda binding: proof.sending(binding, mail)
        )

    def action_test_arrival(self):
        """Waits up to a minute."""
        self._check_can_test()
        kept = self._get_proof()
        if "sending" not in kept.get("passed", []):
            return self._describe(kept)
        return self._run_stage(
            kept,
            "arrival",
            lambda binding: proof.arrival(binding, kept["token"]),
        )

    def action_skip_sending(self):
        """Binds a mailbox that is only known to receive: the user's own decision."""
        self.send_test = False

    def _check_can_test(self):
        self.ensure_one()
        self.check_access("write")
        self.env["waimaolang.mailbox"]._check_transport_of_request()
        if not self._has_secret() or not self.incoming_host:
            raise UserError(self.env._("Enter server and code first."))

    def _run_stage(self, kept, name, work):
        kept = {**kept, "error": None}
        side = "outgoing" if name == "sending" else "incoming"
        try:
            found = self._ask(self._get_binding(), side, work)
        except KeyMissingError:
            found = proof.failed(MailServerError("key_missing", "", "login"))
        except MailServerError as error:
            found = proof.failed(error)
        kept["steps"] = {**kept["steps"], name: found.steps}
        kept["transcript"] = [*kept.get("transcript", []), *found.transcript]
        kept.update(found.kept)
        if found.error:
            kept["error"] = {
                "code": found.error.code,
                "detail": found.error.detail,
                "side": side,
            }
        else:
            kept["passed"] = [*kept["passed"], name]
            if name == "arrival":
                place = [self.email_key, found.kept["arrival"]["folder"]]
                kept["own"] = [*kept.get("own", []), place]
        self.sudo().proof = kept
        if name == "incoming" and not found.error:
            self._list_folders()
        return self._describe(kept)

    def _ask(self, binding, side, work):
        """A server that gave an ambiguous answer is left alone for a while: asked again
        with the same, it may lock the mailbox."""
        login = binding.attempt(side)
        waits = self.env["waimaolang.login.wait"]
        waits._check(login)
        found = work(binding)
        if found.error:
            waits._note(login, found.error)
        return found

    def _get_binding(self):
        private = self.env["waimaolang.lane"]._allow_private_hosts()
        proxy = self._get_proxy()
        outgoing = self.outgoing_host and ServerAddress(
            self.outgoing_host,
            self.outgoing_port,
            self.outgoing_security,
            private,
            proxy,
        )
        return proof.Binding(
            email=self.email_key,
            protocol=self.protocol,
            incoming=ServerAddress(
                self.incoming_host,
                self.incoming_port,
                self.incoming_security,
                private,
                proxy,
            ),
            outgoing=outgoing or None,
            credentials=self._get_credentials(),
            provider=self.provider_id.code or "",
            needs_id=self.provider_id.needs_id,
        )

    def _get_proxy(self):
        """Hook: ``ServerAddress.proxy``."""
        return ""

    def _get_credentials(self):
        """Hook: KeyMissingError, MailServerError."""
        return Credentials(self.login or self.email, self._get_secret())

    # -- folders ------------------------------------------------------------------

    def _get_proven_folders(self):
        rows = self._get_proof().get("folders", [])
        names = parse_names(self.provider_id.folder_names)
        return with_names([RemoteFolder(*row) for row in rows], names)

    def _list_folders(self):
        """Those that were found, with what the user had chosen before."""
        before = {row.remote_name: row for row in self.folder_ids}
        found = self._get_proven_folders()
        ticked = default_synced(found)
        rows = []
        for folder in found:
            row = before.get(folder.key)
            role = row.role if row else folder.role
            rows.append(
                {
                    "sequence": ROLE_ORDER.index(role),
                    "path": folder.path,
                    "remote_name": folder.key,
                    "role": role,
                    "selectable": folder.selectable,
                    "synced": row.synced if row else folder.key in ticked,
                }
            )
        self.folder_ids.sudo().unlink()  # nobody else may delete rows of a form
        self.folder_ids = [(0, 0, row) for row in rows]

    def _check_tested(self):
        if not self.is_tested:
            raise UserError(
                self.env._("The mailbox is bound once the test has passed.")
            )

    def _estimate(self):
        """What the history windows mean, without this form's own test mails; nothing
        where the server does not tell in time: a number less does not hold up a
        binding."""
        windows = {"30": 30, "90": 90, "365": 365, "-1": None}
        ticked = self.folder_ids.filtered("synced")
        keys = ticked.mapped("remote_name")
        try:
            found = proof.estimate(
                self._get_binding(), keys or ["INBOX"], tuple(windows.values())
            )
        except (MailServerError, KeyMissingError):
            self.estimates = False
            return
        own = self._count_own_mails(ticked.mapped("path") or ["INBOX"])
        rest = [(max(0, count - own), size) for count, size in found]
        self.estimates = {
            window: (count, size if count else 0)
            for window, (count, size) in zip(windows, rest, strict=True)
        }

    def _count_own_mails(self, paths):
        own = (self.sudo().proof or {}).get("own", [])
        return sum(email == self.email_key and path in paths for email, path in own)
