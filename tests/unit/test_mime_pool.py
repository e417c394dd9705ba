# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I5: a mail that hangs, crashes or eats memory harms neither server nor others."""

import os
import signal
import subprocess
import sys
from concurrent.futures import wait
from datetime import datetime
from pathlib import Path

import pytest
from mime.child import WORKER
from mime.frames import FrameError, pack, read_header
from mime.parse import parse_mail
from mime.pool import NoWorkersError, ParserPool

NOW = datetime(2026, 1, 1)
# Below the depth at which the parser refuses by itself, above what a second of
# html5ever does: many levels, again and again.
SLOW_HTML = b"<p>x" + (b"<div>" * 3900 + b"</div>" * 3900) * 30
SLOW = b"Subject: slow\r\nContent-Type: text/html\r\n\r\n" + SLOW_HTML


def mail(number, size=100):
    return f"Subject: mail {number}\r\n\r\n{'x' * size}".encode()


@pytest.fixture
def pool():
    with ParserPool(2) as pool:
        yield pool


def test_order_and_content(pool):
    raws = [mail(n, 10 * n) for n in range(200)]
    outcomes = pool.parse_many(raws, NOW)
    assert [one.mail for one in outcomes] == [parse_mail(raw, now=NOW) for raw in raws]
    assert not any(one.error or one.killed for one in outcomes)


def test_attachments_and_all_fields_pass_the_pipe(pool):
    raw = (
        b"From: =?gbk?B?zfXQocP3?= <a@b.co>\r\nDate: Tue, 5 Mar 2024 10:20:30 +0800\r\n"
        b"References: <a@b> <c@d>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\n\xe6\x8a\xa5\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\n"
        + bytes(range(1, 256)) * 1000
        + b"\r\n--b\r\nContent-Type: image/png; name=empty.png\r\n\r\n\r\n--b--"
    )
    (outcome,) = pool.parse_many([raw], NOW)
    assert outcome.mail == parse_mail(raw, now=NOW)
    assert len(outcome.mail.attachments) == 2


def test_more_bytes_in_flight_than_pipes_hold(pool):
    """Both directions full at a time: nobody waits for the other forever."""
    big = b"Content-Type: image/png; name=a\r\n\r\n" + b"x" * 700_000
    outcomes = pool.parse_many([big] * 40, NOW)
    assert {one.mail.attachments[0].size for one in outcomes} == {700_000}


def test_a_mail_of_60_mb(pool):
    raw = (
        b"Subject: big\r\nContent-Type: application/zip; name=a.zip\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 15_000_000
    )
    (outcome,) = pool.parse_many([raw], NOW)
    assert outcome.mail.attachments[0].size == 45_000_000
    assert not outcome.killed


def test_a_mail_over_its_cpu_limit_is_reduced_and_others_go_on():
    with ParserPool(1, cpu_seconds=0.3) as pool:
        raws = [mail(n) for n in range(5)] + [SLOW] + [mail(n) for n in range(5)]
        before = os.times()
        outcomes = pool.parse_many(raws, NOW)
    used = os.times()
    slow = outcomes.pop(5)
    assert slow.killed == "cpu"
    assert slow.mail.subject == "slow" and slow.mail.reduced == "killed"
    assert all(one.mail and not one.killed for one in outcomes)
    spent = used.children_user - before.children_user
    assert spent < 5, "the CPU limit was not honoured"


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("count", [1, 2])
def test_a_mail_that_kills_its_worker_is_answered_with_nobody_else_waiting(size, count):
    """The dead worker's feeder still waits; it must not count as one that takes it."""
    with ParserPool(size, cpu_seconds=0.3) as pool:
        pool.parse_many([mail(1)], NOW)  # warm
        futures = [pool.submit(SLOW, NOW) for _number in range(count)]
        done, waiting = wait(futures, timeout=30)
        assert not waiting
        assert {one.result().killed for one in done} == {"cpu"}


def test_i9_workers_know_no_secret_of_the_environment(pool, monkeypatch):
    monkeypatch.setenv("WAIMAOLANG_MAIL_KEY", "the key")
    monkeypatch.setenv("PGPASSWORD", "of the database")
    with ParserPool(1) as fresh:
        fresh.parse_many([mail(1)], NOW)
        (child,) = fresh._workers
        environ = Path(f"/proc/{child.process.pid}/environ").read_bytes()
    assert b"the key" not in environ and b"of the database" not in environ


def test_a_mail_over_its_wall_clock_is_tried_alone_then_reduced():
    with ParserPool(1, wall_seconds=0.5, cpu_seconds=0) as pool:
        pool.parse_many([mail(0)])  # the first has time to start Python
        first, slow, last = pool.parse_many([mail(1), SLOW, mail(2)], NOW)
    assert slow.killed == "wall" and slow.mail.reduced == "killed"
    assert first.mail and last.mail and not (first.killed or last.killed)


def test_a_stopped_worker_is_replaced_and_its_mail_parsed_in_full():
    with ParserPool(1, wall_seconds=0.5) as pool:
        pool.parse_many([mail(0)])
        pool._workers[0].process.send_signal(signal.SIGSTOP)
        outcomes = pool.parse_many([mail(1), mail(2)], NOW)
    assert [one.mail.subject for one in outcomes] == ["mail 1", "mail 2"]
    assert [one.killed for one in outcomes] == ["wall", ""]
    assert not any(one.mail.reduced for one in outcomes)


def test_killed_workers_lose_no_mail(pool):
    raws = [mail(n, 20_000) for n in range(300)]
    futures = [pool.submit(raw, NOW) for raw in raws]
    for worker in list(pool._workers):
        worker._started.wait()
        worker.process.kill()
    outcomes = [future.result() for future in futures]
    assert [one.mail.subject for one in outcomes] == [f"mail {n}" for n in range(300)]
    assert not any(one.mail.reduced for one in outcomes)
    assert {one.killed for one in outcomes} <= {"", "crash"}


def test_a_mail_beyond_the_memory_is_an_error_and_others_go_on():
    huge = b"Content-Type: image/png; name=a\r\n\r\n" + b"x" * 200_000_000
    with ParserPool(1, memory_bytes=350 * 1024 * 1024) as pool:
        bad, good = pool.parse_many([huge, mail(1)], NOW)
    assert bad.killed in ("memory", "crash")
    assert bad.mail is None or bad.mail.reduced
    assert good.mail.subject == "mail 1"


def test_i5_workers_that_cannot_start_say_nothing_about_the_mails(monkeypatch):
    with ParserPool(2) as pool:
        with monkeypatch.context() as broken:
            broken.setattr("mime.child.WORKER", os.devnull)
            for _again in range(2):
                with pytest.raises(NoWorkersError):
                    pool.parse_many([mail(n) for n in range(20)])
        assert all(one.mail for one in pool.parse_many([mail(n) for n in range(20)]))


def test_closing_ends_workers_and_answers_waiters():
    pool = ParserPool(1, cpu_seconds=0)
    futures = [pool.submit(SLOW) for _ in range(5)]
    pool._workers[0]._started.wait()
    process = pool._workers[0].process
    pool.close()
    assert process.wait() is not None
    assert len(wait(futures, timeout=10).done) == 5
    with pytest.raises(RuntimeError):
        pool.submit(b"")


def worker(*args):
    return subprocess.Popen(
        [sys.executable, WORKER, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_a_worker_ends_with_its_stdin():
    process = worker()
    out, _err = process.communicate(b"", timeout=30)
    assert process.returncode == 0 and b"ready" in out


def test_a_worker_ignores_interrupts_and_answers():
    process = worker()
    raw = mail(7)
    frame = pack({"id": 7, "size": len(raw)}) + raw
    process.stdin.write(frame)
    process.stdin.flush()
    assert read_header(process.stdout)["ready"] == process.pid
    assert read_header(process.stdout)["mail"]["subject"] == "mail 7"
    process.send_signal(signal.SIGINT)
    out, _err = process.communicate(frame, timeout=30)
    assert b"mail 7" in out and process.returncode == 0


def test_workers_end_when_their_parent_is_killed():
    code = (
        "import sys, os; sys.path.append(sys.argv[1])\n"
        "from mime.pool import NoWorkersError, ParserPool\n"
        "pool = ParserPool(1); pool.parse_many([b'x'])\n"
        "print(pool._workers[0].process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    folder = os.path.dirname(os.path.dirname(WORKER))
    parent = subprocess.Popen(
        [sys.executable, "-c", code, folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # stderr is the worker's too: its end is the worker's end
    out, _err = parent.communicate(timeout=30)
    assert int(out) > 0


def test_a_forked_child_has_its_own_pool(pool):
    pool.parse_many([mail(1)])
    pid = os.fork()
    if not pid:
        code = 1
        try:
            code = pool.parse_many([mail(2)])[0].mail.subject != "mail 2"
            pool.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert pool.parse_many([mail(3)])[0].mail.subject == "mail 3"


def test_frames_of_others_are_refused():
    import io

    assert read_header(io.BytesIO(b"")) is None
    for data in (b"\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x09{}"):
        with pytest.raises(FrameError):
            read_header(io.BytesIO(data))


def test_importing_the_pool_loads_nothing_heavy():
    folder = os.path.dirname(os.path.dirname(WORKER))
    code = (
        "import sys; sys.path.append(sys.argv[1]); import mime.pool;"
        "assert not {'nh3', 'charset_normalizer', 'email'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True)
