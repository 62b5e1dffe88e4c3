"""Emitted programs run by children of one server that has imported their packages: milliseconds each, not seconds.

A child is forked from the server, so every program still has a process of its own and its text runs unchanged as
`__main__`; what differs from `nl2opt.sandbox.run_python` is only that the packages are imported already.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import runpy
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from nl2opt.emitters import targets
from nl2opt.sandbox import SandboxLimits, SandboxRun
from nl2opt.solvers import program

_CONTEXT = multiprocessing.get_context("forkserver")
_MODULES = {"pyomo": ("pyomo.environ", "pyomo.contrib.appsi.solvers.highs"), "highspy": ("highspy",),
            "cpmpy": ("cpmpy",), "ortools": ("ortools.sat.python.cp_model",)}  # fmt: skip


def preload() -> None:
    """Names what the server imports: the packages of every Python target."""
    packages = [p for module in targets().values() if module.RUNNER for p in module.RUNNER.packages]
    known = [m for p in dict.fromkeys(packages) for m in _MODULES.get(p, (p,))]
    _CONTEXT.set_forkserver_preload([__name__, *(m for m in known if find_spec(m.partition(".")[0]))])


def _child(folder: str, filename: str, arguments: tuple[str, ...], answers: Connection) -> None:
    """Runs in the child: the program as `__main__`; sends (code, stdout, stderr)."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    sys.argv = [filename, *arguments]
    sys.path.insert(0, folder)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_path(str(Path(folder) / filename), run_name="__main__")
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else int(e.code is not None)
        except BaseException:
            traceback.print_exc()
            code = 1
    answers.send((code, out.getvalue(), err.getvalue()))


def run_forked(
    source: str,
    arguments: tuple[str, ...] = (),
    limits: SandboxLimits | None = None,
    files: Mapping[str, str] | None = None,
    filename: str = "program.py",
) -> SandboxRun:
    """What `run_python` does, without starting an interpreter."""
    started = time.monotonic()
    seconds = (limits or SandboxLimits()).seconds
    with tempfile.TemporaryDirectory(prefix="nl2opt-") as folder:
        for name, text in {**(files or {}), filename: source}.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        mine, theirs = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=_child, args=(folder, filename, arguments, theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            if not mine.poll(seconds):
                return SandboxRun("time_limit", -9, "", "", time.monotonic() - started)
            code, out, err = mine.recv()
        except EOFError:
            process.join(5)
            return SandboxRun("signalled", process.exitcode or -1, "", "", time.monotonic() - started)
        finally:
            process.kill()
            process.join()
    return SandboxRun("exited", code, out, err, time.monotonic() - started)


@contextlib.contextmanager
def forked_programs() -> Iterator[None]:
    """Within it, the routes that run emitted programs fork them."""
    preload()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "run_python", run_forked)
        yield
