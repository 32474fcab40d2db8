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

from jupyter_client import BlockingKernelClient
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tools.notebook_page import SECONDS, Notebook
from tools.paths import ROOT

NOTEBOOK = "00_playground.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_CHROMIUM = "no Chromium to try the widgets in; on Debian and Ubuntu: apt-get install chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
IDLE = "Python 3 (ipykernel) | Idle"
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/themes": {"theme": LIGHT},
}
VIEW = {"width": 1280, "height": 1700}
CLOSE = """async theme => {
  const { commands } = window.jupyterapp;
  await commands.execute("docmanager:save");  // else it asks
  await commands.execute("application:close-all");
  await commands.execute("apputils:change-theme", { theme });
}"""
OPEN = "path => { window.jupyterapp.commands.execute('docmanager:open', { path }) }"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    work: Path
    settings: Path
    runtime: Path

    def set_theme(self, theme: str) -> None:
        """Set the theme of pages opened from now on."""
        write_settings(self.settings, {"apputils-extension/themes": {"theme": theme}})

    def open(self, page: Page, name: str = NOTEBOOK) -> Notebook:
        """Open a notebook, and wait until its kernel is ready."""
        notebook = Notebook(page)
        workspace = secrets.token_hex(4)
        page.goto(f"{self.url}/lab/workspaces/{workspace}/tree/{name}?token={self.token}")
        page.locator(".jp-Notebook").wait_for(timeout=60 * SECONDS)
        page.get_by_text(IDLE).wait_for(timeout=60 * SECONDS)
        return notebook

    @contextmanager
    def opened(
        self, browser: BrowserContext, name: str = NOTEBOOK, share: bool = False
    ) -> Iterator[Notebook]:
        """Open a notebook in the light theme and run its cells; no kernel is left running.

        `share`: take page and kernel of the notebook before, which have loaded everything, and
        leave them to the next one.
        """
        self.set_theme(LIGHT)
        again = share and bool(browser.pages)
        page = browser.pages[0] if again else browser.new_page()
        page.set_viewport_size(VIEW)
        page.set_default_timeout(30 * SECONDS)
        try:
            notebook = self.open_beside(page, name) if again else self.open(page, name)
            notebook.hide_sidebar()
            notebook.run_all()
            yield notebook
        finally:
            if not share:
                page.close()
                stop_kernels(self)

    def open_beside(self, page: Page, name: str) -> Notebook:
        """Open a notebook where another one is open; it takes over the kernel."""
        page.evaluate(CLOSE, LIGHT)
        expect(page.locator(".jp-Notebook")).to_have_count(0)
        self.hand_on_kernel(name)
        page.evaluate(OPEN, name)
        page.get_by_text(IDLE).wait_for(timeout=60 * SECONDS)
        return Notebook(page)

    def hand_on_kernel(self, name: str) -> None:
        """Let this notebook have the kernel that runs, if one does, without its widgets."""
        for session in json.loads(call(self, "/api/sessions")):
            kernel = BlockingKernelClient()
            kernel.load_connection_file(self.runtime / f"kernel-{session['kernel']['id']}.json")
            kernel.start_channels()
            kernel.execute_interactive("import ipywidgets; ipywidgets.Widget.close_all()")
            kernel.stop_channels()
            call(self, f"/api/sessions/{session['id']}", "PATCH", {"path": name})


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """Run JupyterLab on a free port, with copies of the notebooks; its processes end with it."""
    work, settings = folder / "work", folder / "settings"
    work.mkdir(parents=True)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, work)
    write_settings(settings, SETTINGS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), work, settings, folder / "runtime")
    own = {
        "JUPYTERLAB_SETTINGS_DIR": settings,
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_RUNTIME_DIR": lab.runtime,
        "IPYTHONDIR": folder / "ipython",
        "MAS_EDU_HOME": folder / "guesses",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={lab.token}"]
    command += ["--ServerApp.allow_root=True", f"--ServerApp.root_dir={work}"]
    command += ["--LabApp.expose_app_in_browser=True"]
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
    """Run a headless Chromium, its scroll bars visible."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, ignore_default_args=["--hide-scrollbars"]
        )
        try:
            yield chromium
        finally:
            chromium.close()


def write_settings(folder: Path, settings: dict[str, dict[str, object]]) -> None:
    """Write settings as JupyterLab stores those of a user."""
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
    """Stop all kernels: none outlives its notebook or its server."""
    try:
        for kernel in json.loads(call(lab, "/api/kernels")):
            call(lab, f"/api/kernels/{kernel['id']}", "DELETE")
    except OSError:
        pass  # the server is gone, and its kernels notice that by themselves


def call(lab: Lab, path: str, method: str = "GET", content: object = None) -> bytes:
    """Send a request to the server, with JSON if there is some, and return its answer."""
    headers = {"Authorization": f"token {lab.token}"}
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(lab.url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())
