"""`python -m mas_edu` without the seconds of importing PyTorch, for tests of how commands end.

A server, one for each process of pytest, has imported what a command imports, and forks for each
command. The fork gets the command's arguments, variables and standard streams, runs the module, and
ends as Python ends: with its exit code, the last flush, atexit.

Not as in a fresh process: what Python and packages read when they start or are imported (-W, -X,
PYTHON... but PYTHONIOENCODING, the locale, OMP_NUM_THREADS, MPLCONFIGDIR), a stream closed from the
start, and Ctrl-C at an import. Tests of these start a process of their own.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from subprocess import PIPE

ROOT = Path(__file__).parents[2]
IMPORTED = ("torch._dynamo", "mas_edu.plots", "mas_edu.cli.commands")


class Command:
    """A command that runs, with what tests need of `subprocess.Popen`."""

    def __init__(
        self, *arguments: str, stdout: int, stderr: int, env: Mapping[str, str] = os.environ
    ) -> None:
        self._answers, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        request = json.dumps([arguments, dict(env)]).encode()
        with theirs:
            socket.send_fds(_server(), [request], [stdout, stderr, theirs.fileno()])
        self.pid = int(self._answers.recv(100))

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float = 300) -> int:
        """Return the exit code, or minus the signal that ended it; to be called once."""
        with self._answers:
            self._answers.settimeout(timeout)
            return int(self._answers.recv(100))


def run(
    *arguments: str, stdout: int = PIPE, stderr: int = PIPE, env: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; a stream that is no `PIPE` is the number of an open file."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(2)]
        out, err = (
            file.fileno() if stream == PIPE else stream
            for stream, file in zip((stdout, stderr), files, strict=True)
        )
        code = Command(*arguments, stdout=out, stderr=err, env=env).wait()
        texts = [os.pread(file.fileno(), 1 << 24, 0).decode("utf-8", "replace") for file in files]
    return subprocess.CompletedProcess(arguments, code, *texts)


@functools.cache
def _server() -> socket.socket:
    """Start the server, and return the socket for requests; the server ends when it closes."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.support.warm", str(theirs.fileno())]
    server = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()])
    theirs.close()
    atexit.register(server.wait)
    atexit.register(ours.close)  # before the waiting
    return ours


def _serve(requests: socket.socket) -> None:
    """Fork for each command: return in the fork that is to run it, exit when no more can come."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # of its forks, which wait for the commands
    while True:
        request, fds, _, _ = socket.recv_fds(requests, 1 << 20, 3)
        if not request:
            os._exit(0)
        if not os.fork():
            break
        for fd in fds:
            os.close(fd)
    requests.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if child := os.fork():
        os.close(fds[0])
        os.close(fds[1])
        os.write(fds[2], str(child).encode())
        os.write(fds[2], str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
        os._exit(0)
    os.close(fds[2])
    _become(*json.loads(request), fds[:2])


def _become(arguments: list[str], variables: dict[str, str], streams: list[int]) -> None:
    """Give this process a command's arguments, variables and standard streams."""
    os.environ.clear()
    os.environ.update(variables)
    tempfile.tempdir = None  # TMPDIR is read again
    sys.argv = ["mas_edu", *arguments]
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    for number, name, bad in ((1, "stdout", errors or "strict"), (2, "stderr", "backslashreplace")):
        os.dup2(streams[number - 1], number)
        os.close(streams[number - 1])
        stream = open(number, "w", encoding=encoding, errors=bad, closefd=False)  # noqa: SIM115
        stream.reconfigure(line_buffering=name == "stderr")
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # what is imported stays shared with the forks, until they end
    atexit.register(gc.unfreeze)
    _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module("mas_edu", run_name="__main__", alter_sys=True)
