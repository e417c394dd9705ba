# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A process that parses mails for ``pool``, and may be killed while doing so.

Started as a script with the parent's Python. Reads frames (see ``frames``) on
stdin until its end, answers on stdout, in order. Bounds itself: memory by
RLIMIT_AS; CPU per mail by a profiling timer, whose signal nobody handles and
which therefore also ends C and Rust code, with RLIMIT_CPU (whole seconds) behind
it; the wall clock is the parent's.
"""

import gc
import os
import resource
import signal
import sys

if not __package__:
    # Run as a script: load the folder as a package, and keep the folder itself
    # from the path, where its module names would shadow others.
    import importlib
    import importlib.util

    _HERE = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _HERE]
    __package__ = "waimaolang_mime"
    _spec = importlib.util.spec_from_file_location(
        __package__,
        os.path.join(_HERE, "__init__.py"),
        submodule_search_locations=[_HERE],
    )
    _package = importlib.util.module_from_spec(_spec)
    sys.modules[__package__] = _package
    _spec.loader.exec_module(_package)

from .frames import dump_mail, pack, read_exactly, read_header  # noqa: E402
from .parse import ParseError, parse_mail  # noqa: E402

# A 60 MB mail takes about 300 MB: raw, decoded, answer.
MEMORY_BYTES = 1024 * 1024 * 1024
BUFFER = 256 * 1024


def main() -> None:
    source = os.fdopen(os.dup(0), "rb", buffering=BUFFER)
    target = os.fdopen(os.dup(1), "wb", buffering=BUFFER)
    os.dup2(2, 1)  # whatever prints must not speak into the frames
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    _prepare(int(sys.argv[1]) if len(sys.argv) > 1 else MEMORY_BYTES)
    try:
        target.write(pack({"ready": os.getpid()}))
        target.flush()
        while (header := read_header(source)) is not None:
            raw = read_exactly(source, header["size"])
            for piece in _answer(header, raw):
                target.write(piece)
            target.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the parent is gone: nobody to tell


def _prepare(memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    _set_soft(resource.RLIMIT_CORE, 0)
    if memory:
        _set_soft(resource.RLIMIT_AS, memory)
    # what is loaded stays: cheaper collections, and rarely any to do
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _set_soft(kind: int, value: int) -> None:
    """The soft limit only, and never above the hard one."""
    _soft, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, hard))


def _answer(header: dict, raw: bytes) -> list[bytes]:
    from datetime import datetime

    answer = {"id": header["id"], "killed": ""}
    now = header.get("now")
    try:
        _limit_cpu(header.get("cpu") or 0)
        mail = parse_mail(
            raw,
            now=datetime.fromisoformat(now) if now else None,
            reduced=bool(header.get("reduced")),
        )
        answer["mail"] = dump_mail(mail)
        answer["sizes"] = [item.size for item in mail.attachments]
        return [pack(answer), *(item.data for item in mail.attachments)]
    except MemoryError:
        return [pack({"id": header["id"], "killed": "memory", "error": "memory"})]
    except ParseError as exc:
        return [pack({"id": header["id"], "killed": "", "error": str(exc)})]
    finally:
        _limit_cpu(0)


def _limit_cpu(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    if seconds:
        times = os.times()
        _set_soft(resource.RLIMIT_CPU, int(times.user + times.system + seconds) + 2)


if __name__ == "__main__":
    main()
