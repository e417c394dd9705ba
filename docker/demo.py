# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The body of docker/demo.sh: private PostgreSQL, Dovecot, SMTP server and Odoo, filled
with made-up trade mail.
"""

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import demo_data
from demo_data import live, shared
from servers import template
from servers.ca import CA
from servers.dovecot import Dovecot
from servers.odoo import Odoo, installed_files_digest, own_addons
from servers.postgres import Postgres
from servers.process import ServerError, free_port, listens, wait_until
from servers.smtp import Smtp

LANGUAGE = "zh_CN"
USUAL_PORT = 8069
CRON_THREADS = 3
LISTING_SECONDS = 120
LISTED = """
    SELECT bool_and(EXISTS (SELECT 1 FROM waimaolang_mailbox_folder f
                             WHERE f.mailbox_id = m.id AND f.role = 'inbox'
                               AND f.uidvalidity > 0)
                    AND NOT EXISTS (SELECT 1 FROM waimaolang_mailbox_folder f
                                     WHERE f.mailbox_id = m.id AND f.synced
                                       AND COALESCE(f.uidvalidity, 0) = 0))
      FROM waimaolang_mailbox m WHERE m.state = 'connected'
"""
CHECK_SECONDS = 300
CHECK_EXTRA = 60  # for the report's own start and end
BEGAN = time.monotonic()


class DemoRun:
    """The servers of the demo, and what has been done to them: state.json, written
    after each step.
    """

    def __init__(self):
        self.folder = template.data_home() / "demo"
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o711)
        self.state_file = self.folder / "state.json"
        self.state = (
            json.loads(self.state_file.read_text()) if self.state_file.exists() else {}
        )
        self.ca = CA(self.folder / "ca")
        self.postgres = Postgres(self.folder / "pg", durable=True)
        self.dovecot = Dovecot(self.folder / "dovecot", self.ca)
        self.smtp = Smtp(self.folder / "smtp", self.ca, self.dovecot)
        self.odoo = Odoo(
            self.folder / "odoo",
            self.postgres,
            template.DATABASE,
            self.ca,
            max_cron_threads=CRON_THREADS,
        )

    def save(self, **changes):
        self.state |= changes
        self.state_file.write_text(json.dumps(self.state, indent=1, ensure_ascii=False))

    # --- steps ---

    def start(self):
        """Everything up to a serving Odoo; steps that an earlier run finished are left
        out.
        """
        digest = installed_files_digest()
        if self.state.get("addons") not in (None, digest):
            say("the addons changed: the demo is made anew")
            self.stop()
            shutil.rmtree(self.folder)
            self.__init__()
        if not self.state.get("addons"):
            self._install(digest)
        if not self.postgres.attach():
            say("starting PostgreSQL")
            self.postgres.start()
        if not self.dovecot._process.pid:
            say("starting the IMAP and SMTP servers")
        ports = self._ports()
        self.dovecot.start(ports["imap"])
        self.smtp.start(ports["smtp"])
        self.odoo.port = ports["odoo"]
        if not self.state.get("mailboxes"):
            demo = self._build()
            self.save(mailboxes=fill_mailboxes(self.dovecot, demo))
        if not self.odoo.pid:
            say("starting Odoo")
        self.odoo.start()
        # with Odoo running, since binding wakes its scheduler at once
        wanted = [ports["imap"], ports["smtp"]]
        if self.state.get("seeded") != wanted:  # the ports are the mailboxes' settings
            self.seed_odoo()
            self.save(seeded=wanted)
        if not self.state.get("live"):
            self._deliver()
            self.save(live=True)

    def _deliver(self):
        """What comes once the mailboxes are bound: rules leave history be."""
        say("waiting for the mailboxes to be looked at")
        wait_until(self._has_listed, LISTING_SECONDS, "the mailboxes' folders")
        demo = json.loads((self.folder / "demo.json").read_text())
        now = datetime.now(timezone.utc)
        for email, folder, raw in live.build(demo, now):
            # arrives now, whatever its Date: what lay there before is history
            self.dovecot.append_many(email, folder, [(raw, (), now)])
        self.odoo.shell(HERE / "demo_wake.py")

    def _has_listed(self):
        """What is in them by then is history."""
        done = self.odoo.postgres.sql(LISTED, self.odoo.database)
        return done.stdout.strip() == "t"

    def _install(self, digest):
        self.stop()
        for part in ("pg", "odoo"):
            shutil.rmtree(self.folder / part, ignore_errors=True)
        template.copy_template(template.base_template(say), self.folder)
        say(f"installing {', '.join(own_addons())}")
        with self.postgres:
            self.odoo.install(own_addons(), languages=[LANGUAGE])
        self.save(addons=digest, seeded=None, live=None)

    def _ports(self):
        """The ports of the last run as far as they are free (or still ours), else new
        ones.
        """
        known = self.state.get("ports", {})
        groups = {
            "imap": (self.dovecot, ("imap", "imaps", "pop3", "pop3s", "lmtp")),
            "smtp": (self.smtp, ("port", "tls_port", "mx_port")),
        }
        found = {}
        for group, (server, names) in groups.items():
            old = known.get(group, {})
            usable = old and (
                server._process.pid or not any(map(listens, old.values()))
            )
            found[group] = old if usable else {name: free_port() for name in names}
        old = known.get("odoo")
        if self.odoo.pid:
            found["odoo"] = old
            if os.environ.get("PORT") not in (None, str(old)):
                say(f"the demo runs on port {old}: --stop it to change that")
        elif os.environ.get("PORT"):
            found["odoo"] = int(os.environ["PORT"])
            if listens(found["odoo"]):
                raise ServerError(f"port {found['odoo']} is taken")
        else:
            found["odoo"] = (
                next(
                    (port for port in (old, USUAL_PORT) if port and not listens(port)),
                    None,
                )
                or free_port()
            )
        self.save(ports=found)
        return found

    def _build(self):
        say("writing the customers' mail")
        demo = demo_data.build()
        text = demo.to_json()
        (self.folder / "demo.json").write_text(
            text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
        )
        address = f"{shared.LOCAL_PART}@{demo.company['domain']}"
        self._fill_shared(address, demo)
        self.save(
            logins=[[rep.login, rep.password, rep.email] for rep in demo.reps],
            shared=[address, shared.CODE],
        )
        return demo

    def _fill_shared(self, address, demo):
        if address in self.dovecot.users():
            self.dovecot.remove_user(address)
        self.dovecot.add_user(address, shared.CODE)
        self.dovecot.create_folders(address, ["Sent"])
        mails = shared.inquiries(demo.companies, address, datetime.now(timezone.utc))
        self.dovecot.append_many(
            address, "INBOX", [(mail.raw, (), mail.internaldate) for mail in mails]
        )

    def seed_odoo(self):
        """Users, customers, opportunities and bound mailboxes: docker/demo_seed.py, run
        in `odoo shell`.
        """
        script = HERE / "demo_seed.py"
        if not script.exists():
            say("no docker/demo_seed.py: nothing is bound")
            return
        say("setting up users, customers and mailboxes in Odoo")
        print(self.odoo.shell(script, env=self.shell_env()).stdout, end="", flush=True)

    def shell_env(self):
        return {
            "WAIMAOLANG_DEMO_JSON": str(self.folder / "demo.json"),
            "WAIMAOLANG_DEMO_HOST": self.dovecot.host,
            "WAIMAOLANG_DEMO_IMAP_PORT": str(self.dovecot.imaps_port),
            "WAIMAOLANG_DEMO_POP3_PORT": str(self.dovecot.pop3s_port),
            "WAIMAOLANG_DEMO_SMTP_PORT": str(self.smtp.tls_port),
            "WAIMAOLANG_DEMO_STARTTLS_PORT": str(self.smtp.port),
            "WAIMAOLANG_DEMO_URL": self.odoo.url,
        }

    def report(self, seconds):
        """Print what came of each mailbox, waiting ``seconds`` at most until nothing is
        pending; whether so it is.
        """
        env = self.shell_env() | {"WAIMAOLANG_DEMO_WAIT": str(seconds)}
        done = self.odoo.shell(
            HERE / "demo_report.py", env=env, check=False, timeout=seconds + CHECK_EXTRA
        )
        print(done.stdout, end="", flush=True)
        if done.returncode and not done.stdout:
            print(done.stderr[-2000:], flush=True)
        return done.returncode == 0

    def stop(self):
        for server in (self.odoo, self.smtp, self.dovecot, self.postgres):
            server.stop()

    def welcome(self):
        print(f"\n  {self.odoo.url}")
        print("  admin / admin, boss / demo (sales manager), and the salespeople:")
        for login, _code, email in self.state.get("logins", []):
            count = sum(self.state["mailboxes"].get(email, {}).values())
            print(f"  {login} / demo   mailbox {email}, {count} mails")
        address, code = self.state.get("shared", ("", ""))
        print(f"  to be bound by you (CRM > Mail > Mailboxes): {address}, code {code}")
        print(f"  customers write by SMTP to localhost, port {self.smtp.mx_port}")
        print(flush=True)


def fill_mailboxes(dovecot, demo):
    """Users, folders and mails of ``demo`` into Dovecot, flags and dates kept. Returns
    {email: {folder: mails}}.
    """
    counts = {}
    say(f"filling {len(demo.reps)} mailboxes")
    for rep in demo.reps:
        if rep.email.lower() in dovecot.users():
            dovecot.remove_user(rep.email)  # half filled by a run that was interrupted
        dovecot.add_user(rep.email, rep.password)
        folders = defaultdict(list)
        for mail in sorted(rep.mails, key=lambda mail: mail.internaldate):
            folders[mail.folder].append(
                (mail.raw, ("\\Seen",) if mail.seen else (), mail.internaldate)
            )
        dovecot.create_folders(
            rep.email, filter(None, [rep.sent_folder, rep.user_folder])
        )
        for folder, messages in folders.items():
            dovecot.append_many(rep.email, folder, messages)
        counts[rep.email] = {
            folder: len(messages) for folder, messages in folders.items()
        }
    total = sum(sum(folders.values()) for folders in counts.values())
    say(f"{total} mails are in the mailboxes")
    return counts


def say(text):
    print(f"[{int(time.monotonic() - BEGAN):3d}s] {text}", flush=True)


def main(args):
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # a shell starts background jobs with SIGINT ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    demo = DemoRun()
    if "--stop" in args:
        demo.stop()
        return 0
    try:
        demo.start()
        if "--check" in args:
            done = demo.report(CHECK_SECONDS)
            demo.welcome()
            say(
                "all mail is read, and that of customers is in the chatters"
                if done
                else "some mail is missing"
            )
            return 0 if done else 1
        demo.welcome()
        print("Ctrl-C ends it.", flush=True)
        stopped = threading.Event()
        while demo.odoo.pid:
            stopped.wait(1)
        print(f"Odoo ended, see {demo.odoo.log}")
        demo.stop()
        return 1
    except ServerError as error:
        print(f"demo: {error}", file=sys.stderr)
        demo.stop()
        return 1
    except KeyboardInterrupt:
        print("\nstopping")
        demo.stop()
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
