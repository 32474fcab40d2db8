"""Buttons that save what the playground shows: the code, the picture, the record."""

from __future__ import annotations

import base64
import html
import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as w

from mas_edu._common import translate
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.groups import Scene
from mas_edu.widgets.playground.pictures import CURVES, MATRIX, OMEGA, Frame

EDGE, BETWEEN, LINE = 20, 20, 28  # in the units of the SVG
SIZE = (2 * EDGE + CURVES[0] + BETWEEN + MATRIX[0], 2 * EDGE + MATRIX[1] + BETWEEN + OMEGA[1])
FINE = 2  # pixels of a PNG in one unit of the SVG
THEMED = re.compile(r"var\(--[\w-]+, (#\w+)\)")
LABELS = (  # translated
    ("Code", "Save the code that does the same"),
    ("PNG", "Save the pictures as one, in pixels"),
    ("SVG", "Save the pictures as one, sharp at any size"),
    ("Record", 'Save the runs; once unpacked, me.Record.load("record") reads them'),
)
CODE, PNG, SVG, ZIP = (f"playground.{kind}" for kind in ("py", "png", "svg", "zip"))
TYPES = {CODE: "text/x-python", SVG: "image/svg+xml", ZIP: "application/zip"}
NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
# The browser saves what a link leads to. A small image stands beside the link, and when it has
# loaded the link is followed. For a PNG that image is the picture itself, drawn on a canvas.
FOLLOW = "const link = this.parentElement.querySelector('a');"
SAVE = f"{FOLLOW} link.click(); this.remove();"
SAVE_PNG = f"""{FOLLOW}
const sheet = document.createElement('canvas'), pen = sheet.getContext('2d');
[sheet.width, sheet.height] = [{FINE * SIZE[0]}, {FINE * SIZE[1]}];
pen.drawImage(this, 0, 0, sheet.width, sheet.height);
sheet.toBlob(made => {{
  link.href = window.URL.createObjectURL(made);
  link.download = link.textContent = '{PNG}';
  link.click();
}});
this.remove();"""


class Downloads:
    """A button for each kind of file, and the link to the file that was asked for last.

    Args:
        code: returns the code to save.
        shown: returns what is on the screen; None: nothing, or of other runs than are chosen.
        say: told how it went.
    """

    def __init__(
        self,
        code: Callable[[], str],
        shown: Callable[[], tuple[Frame, Scene] | None],
        say: Callable[[str], object],
    ) -> None:
        self.code, self.shown, self.say = code, shown, say
        self.link, self.count = w.HTML(), 0
        self.link.add_class("mas-saved")
        files = zip((CODE, PNG, SVG, ZIP), LABELS, strict=True)
        self.buttons = tuple(self._button(name, *words) for name, words in files)

    def clear(self) -> None:
        """Take the link away: it leads to what was shown before."""
        if self.link.value:
            self.link.value = ""

    def _button(self, name: str, label: str, tooltip: str) -> Any:
        button = w.Button(
            description=translate(label),
            icon="download",
            tooltip=translate(tooltip),
            layout={"width": "auto", "height": "24px"},
        )
        button.on_click(partial(self._save, name))
        return button

    def _save(self, name: str, _: object = None) -> None:
        content = self._content(name)
        if content is None:
            self.say(translate("Nothing to save: train the chosen runs first."))
            return
        self.count += 1
        self.link.value = saving(name, content, self.count)
        self.say(translate("{file}: saved where your browser keeps downloads.", file=name))

    def _content(self, name: str) -> bytes | None:
        if name == CODE:
            return f"import mas_edu as me\n\n{self.code()}\n".encode()
        shown = self.shown()
        if shown is None:
            return None
        frame, scene = shown
        return packed(scene) if name == ZIP else one_picture(frame).encode()


def saving(name: str, content: bytes, number: int = 1) -> str:
    """Return a link to a file's content that is followed at once; another number: once more.

    The content of a PNG is SVG: the browser turns it into pixels.
    """
    is_png = name == PNG
    found = SVG if is_png else name
    data = f"data:{TYPES[found]};base64,{base64.b64encode(content).decode()}"
    source, script = (data, SAVE_PNG) if is_png else (NOTHING, SAVE)
    return (
        f'<a download="{found}" href="{data}">{found}</a><img hidden alt="" src="{source}" '
        f'data-number="{number}" onload="{html.escape(script)}">'
    )


def one_picture(frame: Frame) -> str:
    """Return curves, matrix and Ω as one SVG, dark on white, that stands by itself."""
    right, below = EDGE + CURVES[0] + BETWEEN, EDGE + MATRIX[1] + BETWEEN
    caption = svg.text(EDGE, EDGE + CURVES[1] + LINE / 2, frame.curves.caption, svg.MUTED)
    placed = ((frame.curves, CURVES, EDGE, EDGE), (frame.matrix, MATRIX, right, EDGE))
    parts = [svg.box(0, 0, *SIZE, "white"), caption]
    for drawing, (width, height), x, y in (*placed, (frame.omega, OMEGA, right, below)):
        place = f'<svg x="{x}" y="{y}" width="{width}" height="{height}" '
        parts.append(svg.still(drawing.svg).replace("<svg ", place, 1))
    whole = svg.canvas(parts, SIZE, " ".join(d.words for d, *_ in placed))
    sized = whole.replace("<svg ", f'<svg width="{SIZE[0]}" height="{SIZE[1]}" ', 1)
    return THEMED.sub(r"\1", sized)


def packed(scene: Scene) -> bytes:
    """Return the records of a scene as a zip file: one folder, or a numbered one for each."""
    groups = (*scene.groups, *([scene.baseline] if scene.baseline else []))
    records = [record for group in groups for record in group.records]
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w") as archive:
        for number, record in enumerate(records, 1):
            name = "record" if number == 1 else f"record_{number}"
            for path in sorted(record.save(Path(folder) / name).iterdir()):
                archive.write(path, f"{name}/{path.name}", zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
