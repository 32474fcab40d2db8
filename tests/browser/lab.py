"""JupyterLab in a headless Chromium, with everything of its own in a temporary folder."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).parents[2]
NOTEBOOK = "00_playground.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
}
SECONDS = 1000  # in milliseconds, as playwright counts


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    settings: Path

    def set_theme(self, theme: str) -> None:
        """For pages opened from now on."""
        write_settings(self.settings, {"apputils-extension/themes": {"theme": theme}})

    def open(self, page: Page) -> Notebook:
        """The notebook, freshly opened, its kernel ready."""
        workspace = secrets.token_hex(4)
        page.goto(f"{self.url}/lab/workspaces/{workspace}/tree/{NOTEBOOK}?token={self.token}")
        page.locator(".jp-Notebook").wait_for(timeout=60 * SECONDS)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60 * SECONDS)
        return Notebook(page)


class Notebook:
    """The notebook on a page, and the playground in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def run_all(self) -> None:
        """Run every cell."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()

    def image(self, place: int) -> str:
        """The address of the playground's curves (0), matrix (1) or Ω (2): changes with the image.

        Reads the natural width too, so an image that is not drawn is an error.
        """
        found = self.images.nth(place)
        found.wait_for(timeout=30 * SECONDS)
        return str(found.get_attribute("src"))

    @property
    def images(self) -> Locator:
        """The pictures of the playground."""
        return self.page.locator(".jp-OutputArea-output img.widget-image")

    @property
    def status(self) -> Locator:
        """How training goes."""
        return self.page.locator("[role=status], [role=alert]").filter(has_text=" ").first

    def control(self, description: str) -> Locator:
        """The control with that description."""
        label = self.page.locator(f".widget-label:text-is('{description}')")
        return label.locator("xpath=..").locator("select, input, .noUi-handle").first

    def press(self, button: str) -> None:
        """A button, by keyboard."""
        found = self.page.get_by_role("button", name=button)
        found.focus()
        found.press("Enter")


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """JupyterLab on a free port, serving a copy of the notebook; its processes end with it."""
    work, settings = folder / "work", folder / "settings"
    work.mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / NOTEBOOK, work)
    write_settings(settings, SETTINGS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), settings)
    own = {
        "JUPYTERLAB_SETTINGS_DIR": settings,
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "IPYTHONDIR": folder / "ipython",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={lab.token}"]
    command += ["--ServerApp.allow_root=True", f"--ServerApp.root_dir={work}"]
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(
            command, env=os.environ | {k: str(v) for k, v in own.items()}, stdout=log, stderr=log
        )
        try:
            answering(lab, server)
            yield lab
        finally:
            stop_kernels(lab)
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(timeout=15)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


def write_settings(folder: Path, settings: dict[str, dict[str, object]]) -> None:
    """As JupyterLab keeps what the user has set."""
    for name, values in settings.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def answering(lab: Lab, server: subprocess.Popen[bytes]) -> None:
    """Wait until JupyterLab answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended by itself; see lab.log beside {lab.settings}")
        try:
            call(lab, "/api/status")
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("JupyterLab did not answer within a minute")


def stop_kernels(lab: Lab) -> None:
    """No kernel outlives its server."""
    try:
        for kernel in json.loads(call(lab, "/api/kernels")):
            call(lab, f"/api/kernels/{kernel['id']}", "DELETE")
    except OSError:
        pass  # the server is gone, and its kernels notice that by themselves


def call(lab: Lab, path: str, method: str = "GET") -> bytes:
    """Ask the server."""
    request = urllib.request.Request(
        lab.url + path, method=method, headers={"Authorization": f"token {lab.token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())
