"""The README's pictures, taken from the real thing: `python -m tools.pictures`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

import mas_edu as me
from mas_edu.plots import figure_png
from tools.lab import CHROMIUM, IDLE, NO_CHROMIUM, ROOT, browser, running_lab
from tools.notebook_page import SECONDS

FOLDER = ROOT / "notebooks" / "pictures"


def playground(path: Path) -> None:
    """Take a screenshot of the playground in JupyterLab after its first two runs."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder) / "lab") as lab,
        browser() as chromium,
    ):
        page = chromium.new_page(viewport={"width": 1280, "height": 1700}, device_scale_factor=1)
        page.set_default_timeout(30 * SECONDS)
        notebook = lab.open(page)
        notebook.hide_sidebar()
        notebook.run_all()
        notebook.finished("MAS, λ = 0.1", patience=60)
        page.get_by_text(IDLE).wait_for()
        notebook.press("Train")  # once more, now that the other cells have run and nothing disturbs
        notebook.status.filter(has_text="training").wait_for()
        notebook.finished("MAS, λ = 0.1")
        page.locator(".mas-playground").screenshot(path=path)


def forgetting(path: Path) -> None:
    """Draw the accuracy on five tasks with MAS, and in pale without."""
    stream = me.rotated("digits", tasks=5)
    records = [
        me.learn(stream, method, 0.1, progress=False) for method in (me.MAS(), me.FineTune())
    ]
    axes = me.plots.forgetting_curves(records)
    figure = axes.get_figure(root=True)
    assert figure is not None
    path.write_bytes(figure_png(figure))
    print(me.words.forgetting_curves(records))


def lighten(path: Path) -> None:
    """Make the file smaller: the alpha channel of a screenshot says nothing."""
    with Image.open(path) as picture:
        opaque = picture.convert("RGB")
    opaque.save(path, optimize=True)


def main() -> int:
    """Write both pictures; 1 if there is no browser."""
    if CHROMIUM is None:
        print(NO_CHROMIUM, file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    for make in (playground, forgetting):
        path = FOLDER / f"{make.__name__}.png"
        make(path)
        lighten(path)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
