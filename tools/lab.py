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

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
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
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
}
SECONDS = 1000  # in milliseconds, as playwright counts
expect.set_options(timeout=20 * SECONDS)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    settings: Path

    def set_theme(self, theme: str) -> None:
        """For pages opened from now on."""
        write_settings(self.settings, {"apputils-extension/themes": {"theme": theme}})

    def open(self, page: Page, name: str = NOTEBOOK) -> Notebook:
        """A notebook, freshly opened, its kernel ready."""
        workspace = secrets.token_hex(4)
        page.goto(f"{self.url}/lab/workspaces/{workspace}/tree/{name}?token={self.token}")
        page.locator(".jp-Notebook").wait_for(timeout=60 * SECONDS)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60 * SECONDS)
        return Notebook(page)


class Notebook:
    """The notebook on a page, and the playground in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heard: list[str] = []

    def run_all(self) -> None:
        """Run every cell, and look at the top."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        self.page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()

    def hide_sidebar(self) -> None:
        """Leave the whole width to the notebook."""
        self.page.locator(".jp-Notebook").click(position={"x": 5, "y": 5})
        self.page.keyboard.press("Control+b")
        self.page.locator("#jp-left-stack").wait_for(state="hidden")

    @property
    def images(self) -> Locator:
        """The playground's curves, matrix and Ω, in this order."""
        return self.page.locator(".jp-OutputArea-output img.widget-image")

    def image(self, place: int) -> str:
        """The address of an image, another one whenever the image changes."""
        return str(self.images.nth(place).get_attribute("src"))

    def changed(self, place: int, before: str) -> None:
        """Wait for another image."""
        expect(self.images.nth(place)).not_to_have_attribute("src", before, timeout=30 * SECONDS)

    def drawn(self) -> list[bool]:
        """Whether each image is a picture that the browser could read."""
        return [bool(i.evaluate("i => i.naturalWidth > 300")) for i in self.images.all()]

    @property
    def status(self) -> Locator:
        """How training goes."""
        return self.page.locator(".widget-html [role=status]")

    def finished(self, run: str, patience: int = 30) -> None:
        """Wait until a run has ended and is shown."""
        expect(self.status).to_contain_text(f"{run}: finished", timeout=patience * SECONDS)

    def caption(self, text: str) -> Locator:
        """The first sentence in the playground that has this in it."""
        return self.page.locator(".widget-html").get_by_text(text).first

    def key(self, description: str, key: str) -> None:
        """Press a key on the control with that description, and leave it.

        A list is opened with Enter first, and closed so too: JupyterLab keeps the arrows, pressed
        on a closed list, for itself.
        """
        label = self.page.locator(f".widget-label:text-is('{description}')")
        control = label.locator("xpath=..").locator("select, input, .noUi-handle").first
        control.focus()
        is_list = control.evaluate("e => e.tagName") == "SELECT"
        for pressed in ("Enter", key, "Enter") if is_list else (key, "Tab"):
            self.page.keyboard.press(pressed)
            self.page.wait_for_timeout(200)  # the list is a window of its own, and has no event

    def press(self, button: str) -> None:
        """A button of the playground, by keyboard."""
        found = self.page.locator(".widget-button").filter(has_text=button).first
        found.focus()
        found.press("Enter")

    def cut_off(self) -> list[str]:
        """Labels and sentences of the widgets that are wider than their place."""
        return list(self.page.evaluate(CUT_OFF))

    def contrast(self) -> float:
        """The least contrast of the widgets' words with what is behind them, by WCAG 2."""
        return float(self.page.evaluate(CONTRAST))


# One script each finds the elements and reads them: a widget that is drawn anew between two calls
# would leave elements that belong to no page, and have no colour.
CUT_OFF = """() => [...document.querySelectorAll(
  ".widget-label, .widget-html-content, .widget-readout"
)].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"""
CONTRAST = """() => {
  const words = ".widget-label, .widget-html-content div, .widget-readout";
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor, [, , , alpha = 1] = parts(colour);
      if (alpha > 0.5) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const ratio = e => {
    const pair = [light(getComputedStyle(e).color), light(behind(e))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  const all = [...document.querySelectorAll(words)].filter(e => e.innerText.trim());
  return all.length ? Math.min(...all.map(ratio)) : 0;
}"""


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """JupyterLab on a free port, serving copies of the notebooks; its processes end with it."""
    work, settings = folder / "work", folder / "settings"
    work.mkdir(parents=True)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, work)
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
        "MAS_EDU_HOME": folder / "guesses",
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
