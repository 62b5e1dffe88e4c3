"""Program text or command -> SandboxRun: a Python program, or a tool, run in a limited subprocess.

Enforced, on Linux and macOS: a process group that is killed at the wall-clock limit and after the run, a limit on
CPU seconds, on address space (Linux), on the size of any file it writes and on open files, no core dumps, an empty
standard input, a scratch folder that is deleted afterwards, an environment of six variables (no credentials, no
PYTHONPATH, no user site), and a cap on the output that is kept; a program that writes beyond the cap is killed.

Not enforced without ``confined``: the program may read every file the user can read, write outside its scratch folder,
use the network, and start a process that leaves the group. That guards against programs that run away, not against
programs that mean harm, and is for what an emitter wrote.

``confined`` is for programs of a language model. Bubblewrap, on Linux, starts them in namespaces of their own: no
network, no process but theirs (all end with the run), no file but the scratch folder, the system's programs and
libraries and this Python, read only. Not enforced there either: a limit on what all files or all processes use
together, and no kernel interface is filtered, so a fault of the kernel may be used. Where Bubblewrap is not installed
or may not make namespaces, a confined run raises SandboxUnavailable and nothing is run.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Literal

Ending = Literal["exited", "signalled", "time_limit", "output_limit"]


class SandboxUnavailable(RuntimeError):
    """A confined run was asked for where nothing can confine it; the message says why."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What a run may use: ``seconds`` of wall clock, ``cpu_seconds`` of processor time (whole, over all threads),
    ``memory`` of address space and ``file`` size in bytes, ``output`` bytes kept of each stream."""

    seconds: float = 60.0
    cpu_seconds: int = 120
    memory: int = 8 * 2**30
    file: int = 64 * 2**20
    output: int = 16 * 2**20


@dataclass(frozen=True, slots=True)
class SandboxRun:
    """What happened. ``code`` is the exit status, or minus the signal; ``seconds`` is wall time."""

    ending: Ending
    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def ok(self) -> bool:
        """True where the program ended by itself with status 0."""
        return self.ending == "exited" and self.code == 0


def run_python(
    source: str,
    arguments: tuple[str, ...] = (),
    limits: SandboxLimits | None = None,
    files: Mapping[str, str] | None = None,
    filename: str = "program.py",
    confined: bool = False,
) -> SandboxRun:
    """Source text -> its run by this interpreter; ``files`` (plain name -> text) lie beside it in a scratch folder.

    ``confined``: see above. Raises SandboxUnavailable where that cannot be had.
    """
    command = (sys.executable, "-B", "-X", "utf8", "-s", filename, *arguments)
    return run_command(command, {**(files or {}), filename: source}, limits, confined=confined)


def run_command(
    command: tuple[str, ...],
    files: Mapping[str, str] | None = None,
    limits: SandboxLimits | None = None,
    keep: tuple[str, ...] = (),
    confined: bool = False,
) -> SandboxRun:
    """Command line -> its run; ``files`` (plain name -> text) lie in the scratch folder it starts in.

    ``keep`` names variables of the environment it is given besides the six.
    """
    if confined and (why := why_unconfined()):
        raise SandboxUnavailable(why)
    with tempfile.TemporaryDirectory(prefix="nl2opt-") as scratch:
        folder = Path(scratch)
        for name, text in (files or {}).items():
            if Path(name).name != name or name in ("", ".", ".."):
                raise ValueError(f"a file of a run has a plain name, not {name!r}")
            (folder / name).write_text(text, encoding="utf-8")
        started = [*_confinement(folder), *command] if confined else list(command)
        return _run(started, folder, limits or SandboxLimits(), keep)


@lru_cache(maxsize=1)
def why_unconfined() -> str:
    """Why no run can be confined here; '' where it can. Found out by starting a program that does nothing."""
    if sys.platform != "linux":
        return f"programs are confined by Bubblewrap, which runs on Linux only, not on {sys.platform}"
    if shutil.which("bwrap") is None:
        return "programs are confined by Bubblewrap, which is not installed (apt-get install bubblewrap)"
    with tempfile.TemporaryDirectory(prefix="nl2opt-") as scratch:
        tried = subprocess.run(
            [*_confinement(Path(scratch)), sys.executable, "-c", "pass"], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
    told = tried.stderr.strip().splitlines()
    return "" if tried.returncode == 0 else f"Bubblewrap cannot confine here: {told[-1] if told else 'no reason given'}"


def _confinement(folder: Path) -> list[str]:
    """The command that runs what follows it with nothing but the scratch folder, the system and this Python."""
    seen = [Path(p) for p in ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache")]
    seen += [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent]
    shown: list[str] = []
    for path in dict.fromkeys(seen):
        if path.is_symlink():
            shown += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            shown += ["--ro-bind", str(path), str(path)]
    return [
        str(shutil.which("bwrap")), "--unshare-all", "--die-with-parent", "--new-session", "--tmpfs", "/tmp", *shown,
        "--proc", "/proc", "--dev", "/dev", "--bind", str(folder), str(folder), "--chdir", str(folder),
    ]  # fmt: skip


def _environment(folder: Path, keep: tuple[str, ...]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", *keep) if name in os.environ}
    threads = {"OMP_NUM_THREADS": "1"}
    return {**kept, **threads, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}


def _set_limits(limits: SandboxLimits) -> None:
    """Runs in the child between fork and exec."""
    import resource

    def limit(kind: int, amount: int) -> None:
        _, hard = resource.getrlimit(kind)
        ceiling = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (ceiling, ceiling))

    limit(resource.RLIMIT_CPU, limits.cpu_seconds)
    limit(resource.RLIMIT_FSIZE, limits.file)
    limit(resource.RLIMIT_NOFILE, 256)
    limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        limit(resource.RLIMIT_AS, limits.memory)


def _run(command: list[str], folder: Path, limits: SandboxLimits, keep: tuple[str, ...]) -> SandboxRun:
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder, keep),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: _set_limits(limits),
    )
    try:
        stopped, streams = _collect(process, start + limits.seconds, limits.output)
    finally:
        _kill_group(process.pid)
        code = process.wait()
    ending: Ending = stopped or ("exited" if code >= 0 else "signalled")
    if code == -signal.SIGXCPU:
        ending = "time_limit"
    return SandboxRun(ending, code, streams[0], streams[1], time.monotonic() - start)


def _collect(
    process: subprocess.Popen[bytes], deadline: float, cap: int
) -> tuple[Literal["time_limit", "output_limit"] | None, tuple[str, str]]:
    """Reads both streams until both end, the deadline passes, or one goes beyond the cap."""
    assert process.stdout is not None and process.stderr is not None
    pipes: tuple[IO[bytes], IO[bytes]] = (process.stdout, process.stderr)
    chunks: tuple[list[bytes], list[bytes]] = ([], [])
    sizes = [0, 0]
    stopped: Literal["time_limit", "output_limit"] | None = None
    with selectors.DefaultSelector() as selector, pipes[0], pipes[1]:
        for i, pipe in enumerate(pipes):
            selector.register(pipe, selectors.EVENT_READ, i)
        while selector.get_map() and stopped is None:
            ready = selector.select(max(0.0, min(0.2, deadline - time.monotonic())))
            for key, _ in ready:
                i = key.data
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    selector.unregister(key.fileobj)
                chunks[i].append(chunk[: cap - sizes[i]])
                sizes[i] += len(chunk)
                if sizes[i] > cap:
                    stopped = "output_limit"
            if time.monotonic() >= deadline:
                stopped = stopped or "time_limit"
            elif not ready and process.poll() is not None:
                break  # a process the program left behind holds the pipes open
        if stopped is None:
            stopped = _wait(process, deadline)
    out, err = (b"".join(c).decode("utf-8", "replace") for c in chunks)
    return stopped, (out, err)


def _wait(process: subprocess.Popen[bytes], deadline: float) -> Literal["time_limit"] | None:
    """Waits for a program that closed its streams and runs on."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return "time_limit"
    return None


def _kill_group(group: int) -> None:
    """The leader may have ended; what it started in its group ends too."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
