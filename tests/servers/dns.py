"""A private DNS server: dnsmasq, which knows the records it is given and nothing else.

Nothing is asked of anybody else: an unknown name does not exist.
"""

import grp
import os
import pwd
import shutil
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from .process import Process, find_program, free_port

READY = "ready.invalid"


class Dns:
    """``records`` are dnsmasq's own options, without dashes::

    mx-host=corp.test,mxbiz1.qq.com,10
    cname=imap.corp.test,imap.exmail.qq.com
    srv-host=_imaps._tcp.corp.test,mail.corp.test,993,0,1
    host-record=mail.corp.test,127.0.0.1
    """

    def __init__(self, folder, records=()):
        self.folder = Path(folder)
        self.records = list(records)
        self.port = None
        self.log = self.folder / "dnsmasq.log"
        self._process = Process([], self.folder / "dnsmasq.out")

    @property
    def nameserver(self):
        return f"127.0.0.1:{self.port}"

    def start(self, port=None):
        self.port = port or free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "dnsmasq.conf"
        config.write_text("".join(f"{line}\n" for line in self._config()))
        self._process.argv = [
            find_program("dnsmasq"),
            "--keep-in-foreground",
            f"--conf-file={config}",
        ]
        self._process.start().wait_until(self._answers, 20, "dnsmasq to answer")
        return self

    def stop(self):
        self._process.stop()

    def add(self, *records):
        """Further records; what it told before stays true. It is started again."""
        self.records += records
        self.stop()
        return self.start(self.port)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def asked(self):
        """The questions so far, as ``query[MX] corp.test``."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [
            line.split(": ", 1)[1].split(" from ")[0]
            for line in lines
            if ": query[" in line
        ]

    def _config(self):
        return [
            f"port={self.port}",
            "listen-address=127.0.0.1",
            "bind-interfaces",
            # ourselves: it would give up root's rights, and with them its log
            f"user={pwd.getpwuid(os.getuid()).pw_name}",
            f"group={grp.getgrgid(os.getgid()).gr_name}",
            "no-resolv",
            "no-hosts",
            "no-poll",
            "local=/#/",
            "pid-file=",
            "log-queries",
            f"log-facility={self.log}",
            f"host-record={READY},127.0.0.1",
            *self.records,
        ]

    def _answers(self):
        question = dns.message.make_query(READY, "A")
        try:
            return dns.query.udp(
                question, "127.0.0.1", timeout=0.5, port=self.port
            ).answer
        except (OSError, dns.exception.DNSException):
            return False
