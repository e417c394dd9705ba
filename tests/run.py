"""The body of tests/run.sh: a database of its own, pytest, the count."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

from servers import template
from servers.ca import CA
from servers.odoo import ADDONS, Odoo
from servers.postgres import Postgres
from servers.process import ROOT, ServerError

# Tested within one Odoo; all others start Odoos of their own, or none.
INSIDE = (*(f"{addon}/tests" for addon in ADDONS), "tests/test_packaging.py")
# One more than there are cores, for many tests wait for a time to pass.
WORKERS = min(5, (os.cpu_count() or 1) + 1)
POLL_SECONDS = 0.2
EMPTY = 5  # pytest's code when a file has no test that was asked for
# 18 minutes are promised; a machine that is a fifth slower still comes to an end within
# the 25 of .ci/run, which takes two for itself.
SECONDS = 22 * 60
# How many seconds each of them takes: a run leaves its own in .odoo/data.
MEASURED = ROOT / "tests" / "seconds.json"
UNKNOWN = 100
DEEP_SECONDS = 90 * 60
TIMED_OUT = 124
INTERRUPTED = 130
STOP_SECONDS = 20  # for pytest to write its report after an interrupt


def main(args):
    # SIGTERM ends like Ctrl-C, so that `finally` is run
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # a shell starts background jobs with SIGINT ignored, and pytest would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic() - float(
        os.environ.get("WAIMAOLANG_TEST_SETUP_SECONDS", 0)
    )
    deep = "--deep" in args
    args = [arg for arg in args if arg != "--deep"]
    deadline = started + (DEEP_SECONDS if deep else SECONDS)
    os.chdir(ROOT)
    _sweep()
    folder = template.data_home() / f"run-{os.getpid()}"
    folder.mkdir(mode=0o711)
    try:
        done = _test(args, deep, deadline, folder)
    except ServerError as error:
        print(error)
        done = 1
    except KeyboardInterrupt:
        done = INTERRUPTED
    finally:
        counts = _counts(folder.glob("report*.xml"))
        template.stop_leftovers(folder)
        shutil.rmtree(folder, ignore_errors=True)
    passed, failed, skipped = counts
    if done in (TIMED_OUT, INTERRUPTED) and passed:
        # the report has no outcome for the test that was interrupted
        passed, failed = passed - 1, failed + 1
    print(
        f"{passed} passed, {failed} failed"
        + (f", {skipped} skipped" if skipped else ""),
        flush=True,
    )
    return done or (1 if failed or not passed else 0)


def _test(args, deep, deadline, folder):
    paths = [
        arg
        for arg in args
        if not arg.startswith("-") and Path(arg.partition("::")[0]).exists()
    ]
    pytest = [sys.executable, "-m", "pytest"]
    if not deep:
        pytest += ["-m", "not deep"]
    authority = CA(folder / "ca")
    env = os.environ | authority.env() | {"WAIMAOLANG_RUN": str(folder)}
    if deep:
        env["WAIMAOLANG_DEEP"] = "1"
    if paths and all(
        Path(path).resolve().is_relative_to(ROOT / "tests/unit") for path in paths
    ):
        return _run({"": [*pytest, "-p", "no:odoo", *args]}, env, deadline, folder)

    template.copy_template(template.addons_template(_say), folder)
    # what was never analysed is not worth compiling a query for
    with Postgres(folder / "pg", jit="off") as postgres:
        installed = Odoo(folder / "odoo", postgres, template.DATABASE, authority)
        tested = installed.clone("test", folder / "tested")
        config = tested.write_config()
        _say(f"testing, data in {folder}")
        env = tested.env(**env)
        inside = [*pytest, f"--odoo-config={config}", "--odoo-http"]
        if paths:
            return _run({"": [*inside, *args]}, env, deadline, folder)
        outside = [*pytest, "-p", "no:odoo"]
        commands = {
            "inside Odoo": [*inside, *args, *filter(os.path.exists, INSIDE)],
            "tests/unit": [*outside, *args, "tests/unit"],
        }
        for room in ("tests/e2e", "tests/faults"):
            for path in Path(room).rglob("test_*.py"):
                commands[str(path)] = [*outside, *args, str(path)]
        return _run(_longest_first(commands), env, deadline, folder)


def _longest_first(commands):
    """So that none is left alone at the end; what was never measured may be long."""
    known = json.loads(MEASURED.read_text())
    names = sorted(commands, key=lambda name: known.get(name, UNKNOWN), reverse=True)
    return {name: commands[name] for name in names}


def _run(commands, env, deadline, folder):
    """The worst of pytest's exit codes; ``WORKERS`` at a time, each with servers of its
    own. At the deadline they are interrupted and it is not 0."""
    waiting = list(enumerate(commands.items()))
    single = len(commands) == 1
    running, codes, seconds = {}, [], {}
    try:
        while waiting or running:
            while waiting and len(running) < WORKERS:
                number, (name, argv) = waiting.pop(0)
                child = _start(number, argv, env, folder, single)
                running[number] = name, child, time.monotonic()
            for number, (name, child, began) in list(running.items()):
                if child.poll() is not None:
                    codes.append(0 if child.returncode == EMPTY else child.returncode)
                    del running[number]
                    seconds[name] = round(time.monotonic() - began)
                    _show(folder, number)
            if time.monotonic() > deadline:
                print("out of time: the rest is not tested", flush=True)
                return TIMED_OUT
            time.sleep(POLL_SECONDS)
        if not single:
            _tell_seconds(seconds)
        return max(codes)
    finally:
        _stop([child for _name, child, _began in running.values()])
        for number in running:
            _show(folder, number)


def _tell_seconds(seconds):
    """In the form of ``MEASURED``, which is made of it when the tests have changed."""
    seconds = dict(sorted(seconds.items(), key=lambda item: item[1], reverse=True))
    (template.data_home() / MEASURED.name).write_text(
        json.dumps(seconds, indent=1) + "\n"
    )
    _say(f"{sum(seconds.values())} s of {WORKERS} workers")


def _start(number, argv, env, folder, single):
    out = None if single else (folder / f"out-{number}.log").open("w")
    return subprocess.Popen(  # pylint: disable=consider-using-with
        [*argv, f"--junitxml={folder / f'report-{number}.xml'}"],
        env=env | {"WAIMAOLANG_SERVERS": str(folder / f"servers-{number}")},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
    )


def _show(folder, number):
    log = folder / f"out-{number}.log"
    if log.exists():
        print(log.read_text(errors="replace"), flush=True)


def _stop(children):
    """pytest writes its report when it is interrupted."""
    for child in children:
        child.send_signal(signal.SIGINT)
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _counts(reports):
    """(passed, failed, skipped) tests: an error in set-up fails its test."""
    outcomes = {}
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            found = {child.tag for child in case}
            outcome = (
                2 if found & {"failure", "error"} else 1 if "skipped" in found else 0
            )
            name = case.get("classname"), case.get("name")
            outcomes[name] = max(outcome, outcomes.get(name, 0))
    results = list(outcomes.values())
    return results.count(0), results.count(2), results.count(1)


def _sweep():
    """Clean up after runs that were killed."""
    for folder in template.data_home().glob("run-*"):
        pid = folder.name.partition("-")[2]
        try:
            alive = b"tests/run.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            alive = False
        if not alive:
            template.stop_leftovers(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _say(text):
    print(f"[{int(time.monotonic() - BEGAN):3d}s] {text}", flush=True)


BEGAN = time.monotonic() - float(os.environ.get("WAIMAOLANG_TEST_SETUP_SECONDS", 0))

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
