"""The sandbox ends what runs away, keeps what was said, and leaves nothing behind."""

from __future__ import annotations

import os
import sys
import time

import pytest

from nl2opt.sandbox import SandboxLimits, run_python


def test_a_program_runs_and_is_heard() -> None:
    """Both streams, arguments and files beside the program arrive."""
    run = run_python(
        "import sys; print(sys.argv[1], open('d.txt').read()); print('e', file=sys.stderr)",
        ("a",),
        files={"d.txt": "ä"},
    )
    assert run.ok and run.stdout == "a ä\n" and run.stderr == "e\n"


def test_the_exit_status_is_kept() -> None:
    """A failing program is a result, not an exception."""
    run = run_python("raise SystemExit(3)")
    assert (run.ending, run.code, run.ok) == ("exited", 3, False)


def test_the_wall_clock_limit_kills_the_group() -> None:
    """A sleeping child of the program ends with it."""
    source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    start = time.monotonic()
    run = run_python(source, limits=SandboxLimits(seconds=1.5))
    assert run.ending == "time_limit" and time.monotonic() - start < 10
    _assert_ends(int(run.stdout))


def test_a_child_left_behind_is_killed() -> None:
    """The program ends at once; what it started in its group does not outlive the call."""
    source = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\nprint(child.pid)\n"
    )
    start = time.monotonic()
    run = run_python(source)
    assert run.ok and time.monotonic() - start < 20
    _assert_ends(int(run.stdout))


def _assert_ends(pid: int) -> None:
    for _ in range(50):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as stat:
                if ") Z" in stat.read():
                    return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} lives on")


def test_the_processor_limit() -> None:
    """A busy loop ends at its CPU seconds."""
    run = run_python("while True: pass", limits=SandboxLimits(seconds=30, cpu_seconds=1))
    assert run.ending in ("time_limit", "signalled") and run.seconds < 20


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_the_memory_limit() -> None:
    """More memory than allowed is a MemoryError inside the program."""
    run = run_python("b = bytearray(2**31)", limits=SandboxLimits(memory=2**30))
    assert not run.ok and "MemoryError" in run.stderr


def test_the_output_limit() -> None:
    """Endless output is cut and the program ended."""
    run = run_python("while True: print('x' * 1000)", limits=SandboxLimits(output=10_000))
    assert run.ending == "output_limit" and len(run.stdout) == 10_000


def test_the_file_limit() -> None:
    """A file beyond its size cannot be written."""
    run = run_python("open('big', 'wb').write(b'x' * 2**20)", limits=SandboxLimits(file=2**16))
    assert not run.ok


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours reaches the program, standard input is empty, the working folder is its own."""
    monkeypatch.setenv("SOME_API_KEY", "secret")
    run = run_python("import os, sys; print(sorted(os.environ), repr(sys.stdin.read()), os.listdir('.'))")
    assert run.ok and "SOME_API_KEY" not in run.stdout and "''" in run.stdout and "['program.py']" in run.stdout


def test_a_program_that_closes_its_streams_is_waited_for() -> None:
    """The end of the streams is not the end of the program."""
    run = run_python("import os, time; os.close(1); os.close(2); time.sleep(60)", limits=SandboxLimits(seconds=1))
    assert run.ending == "time_limit"


def test_files_have_plain_names() -> None:
    """No file is written outside the scratch folder."""
    with pytest.raises(ValueError, match="plain name"):
        run_python("", files={"../x": ""})
