"""Small data sets in the format of the published files, and a server that hands them out."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torchvision

from mas_edu.data.originals import FILES, ORIGINALS

SAMPLES = 20  # of each part


def idx(magic: int, *sizes: int, content: bytes) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in (magic, *sizes)) + content


def contents(samples: int = SAMPLES) -> dict[str, bytes]:
    """Return the four files of a set: each class as often, no image twice."""
    found = {}
    for part, shade in (("train", 0), ("t10k", 7)):
        images = (bytes((i * j + shade) % 256 for j in range(28 * 28)) for i in range(samples))
        labels = bytes(i % 10 for i in range(samples))
        found[f"{part}-images-idx3-ubyte"] = idx(0x803, samples, 28, 28, content=b"".join(images))
        found[f"{part}-labels-idx1-ubyte"] = idx(0x801, samples, content=labels)
    return found


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def publish(monkeypatch: pytest.MonkeyPatch, name: str, samples: int = SAMPLES) -> None:
    """Let the small set be the published one of this name, with checksums where it has some."""
    original, files = ORIGINALS[name], contents(samples)
    known = {
        "contents": tuple(
            md5(files[file]) if len(code) == 32 else git_sha1(files[file])
            for file, code in zip(FILES, original.contents, strict=True)
        ),
        "archives": tuple(md5(archive(files[file])) for file in FILES) if original.archives else (),
    }
    small = replace(original, sizes=(samples, samples), **known)
    monkeypatch.setitem(ORIGINALS, name, small)


def archive(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def write(root: Path, name: str = "kmnist", samples: int = SAMPLES, ending: str = "") -> Path:
    """Write the small set as torchvision lays it out; return the folder of its files."""
    raw = root / ORIGINALS[name].folder / "raw"
    raw.mkdir(parents=True)
    for file, content in contents(samples).items():
        (raw / f"{file}{ending}").write_bytes(archive(content) if ending else content)
    return raw


Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def whole(request: BaseHTTPRequestHandler, content: bytes) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def dripping_header(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Answer with a header that never ends, byte by byte."""
    request.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
    with suppress(OSError):
        for _ in range(60):
            request.wfile.write(b"x")
            time.sleep(0.05)


def dripping(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send a byte now and then, as a server does that is about to fail."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    for byte in content:
        request.wfile.write(bytes([byte]))
        request.wfile.flush()
        time.sleep(0.05)


def silent(request: BaseHTTPRequestHandler, content: bytes) -> None:
    time.sleep(3)


def cut(request: BaseHTTPRequestHandler, content: bytes) -> None:
    whole(request, content[: len(content) // 2])


def endless(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send zeros as long as somebody takes them."""
    request.send_response(200)
    request.end_headers()
    with suppress(OSError):
        while True:
            request.wfile.write(bytes(2**16))


def missing(request: BaseHTTPRequestHandler, content: bytes) -> None:
    request.send_error(404)


def going_in_circles(request: BaseHTTPRequestHandler, content: bytes) -> None:
    request.send_response(302)
    request.send_header("Location", request.path)
    request.end_headers()


class Source:
    """Stands for torchvision's class: its servers, and the checksums of the archives."""

    def __init__(self, mirrors: list[str], files: dict[str, bytes]) -> None:
        self.mirrors = mirrors
        self.resources = [(f"{file}.gz", md5(archive(files[file]))) for file in FILES]


@contextmanager
def server(
    monkeypatch: pytest.MonkeyPatch, *answers: Answer, name: str = "kmnist"
) -> Iterator[list[str]]:
    """Serve the small set from one server for each way to answer; yield what was asked for."""
    files, asked, running = contents(), [], []
    for answer in answers:

        class Handler(BaseHTTPRequestHandler):
            answering = staticmethod(answer)

            def do_GET(self) -> None:
                file = self.path.removeprefix("/")
                asked.append(file)
                with suppress(OSError):  # the client has left
                    self.answering(self, archive(files[file.removesuffix(".gz")]))

            def log_message(self, *_: object) -> None:
                pass

        running.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        running[-1].daemon_threads = True
        threading.Thread(target=running[-1].serve_forever, args=(0.01,), daemon=True).start()
    mirrors = [f"http://127.0.0.1:{one.server_address[1]}/" for one in running]
    monkeypatch.setattr(torchvision.datasets, ORIGINALS[name].folder, Source(mirrors, files))
    try:
        yield asked
    finally:
        for one in running:
            one.shutdown()
            one.server_close()
