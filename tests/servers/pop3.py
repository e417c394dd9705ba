# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A POP3 server on loopback that behaves, but for what a test tells it.

``mails`` is {UIDL: raw} in order. ``answers`` replaces the answer to a command, by the
longest beginning of its line: a str is sent with CRLF, bytes as they are, CLOSE and
HANG do so, a list is answered one after the other (the last one for ever), a function
of the words of the command returns one of them, and None stands for the usual answer.
What clients sent is kept in ``received``, in ``sessions`` by connection.
"""

import contextlib
import re
import socket
import threading

HANG = object()
CLOSE = object()
CAPABILITIES = ("TOP", "UIDL", "USER", "RESP-CODES")


class Pop3Server:
    def __init__(self, mails=None, answers=None, capabilities=CAPABILITIES):
        self.mails = dict(mails or {})
        self.answers = dict(answers or {})
        self.capabilities = capabilities
        self.greeting = "+OK ready"
        self.sessions: list[list[str]] = []
        self._connections = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def received(self):
        return [line for session in self.sessions for line in session]

    def verbs(self):
        return {line.split(" ")[0] for line in self.received}

    def stop(self):
        for sock in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _serve(self):
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self.sessions.append([])
            args = (connection, self.sessions[-1])
            threading.Thread(target=self._talk, args=args, daemon=True).start()

    def _talk(self, connection, session):
        mails = list(self.mails.items())  # of this session
        with contextlib.suppress(OSError, ValueError):
            connection.sendall(_bytes(self.greeting))
            lines = connection.makefile("rb")
            while line := lines.readline():
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                session.append(text)
                answer = self._answer(text, mails)
                if answer is HANG:
                    continue
                if answer is CLOSE:
                    break
                connection.sendall(_bytes(answer))
                if text == "QUIT":
                    break
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def _answer(self, text, mails):
        told = [key for key in self.answers if text.startswith(key)]
        if told:
            answer = self.answers[max(told, key=len)]
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            if callable(answer):
                answer = answer(text.split(" "))
            if answer is not None:
                return answer
        return self._usual(text, mails)

    def _usual(self, text, mails):
        verb, *words = text.split(" ")
        if verb == "CAPA":
            return listed(self.capabilities)
        if verb == "STAT":
            return f"+OK {len(mails)} {sum(len(raw) for _uidl, raw in mails)}"
        if verb == "UIDL":
            return listed(f"{n} {uidl}" for n, (uidl, _raw) in enumerate(mails, 1))
        if verb == "LIST":
            return listed(f"{n} {len(raw)}" for n, (_uidl, raw) in enumerate(mails, 1))
        if verb in ("RETR", "TOP"):
            raw = mails[int(words[0]) - 1][1]
            return payload(top(raw, int(words[1])) if verb == "TOP" else raw)
        return "+OK"


def listed(lines):
    return "".join(f"{line}\r\n" for line in ("+OK", *lines, ".")).encode()


def payload(raw):
    stuffed = re.sub(rb"(?m)^\.", b"..", raw)
    end = b"" if raw.endswith(b"\n") else b"\r\n"
    return b"+OK\r\n" + stuffed + end + b".\r\n"


def top(raw, count):
    head, _empty, body = raw.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + b"".join(body.splitlines(True)[:count])


def _bytes(answer):
    return answer if isinstance(answer, bytes) else answer.encode() + b"\r\n"
