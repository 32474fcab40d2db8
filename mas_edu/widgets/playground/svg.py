"""Drawing as SVG text: sharp at any size, in the colours of the page, in a few milliseconds."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image

from mas_edu.results import Array

INK = "var(--jp-content-font-color1, #222)"
MUTED = "var(--mas-muted, #5f5f5f)"
LINE = "var(--mas-line, #cfcfcf)"
SHADE = "var(--mas-shade, #e3e9f0)"
PALE = "var(--mas-pale, #a6a6a6)"
RUNS = (  # readable on a light page; the style of the playground has others for a dark one
    "var(--mas-run-1, #0072b2)",
    "var(--mas-run-2, #b84600)",
    "var(--mas-run-3, #00735a)",
    "var(--mas-run-4, #8a2be2)",
)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
LETTER = 0.56  # width of a letter in the mean, as a share of the font's size
BOLD = 1.12  # how much wider bold letters are

PICKER = "mas-picker"  # the class of what can be clicked
CLICKED = re.compile(rf'<rect class="{PICKER}"[^>]*/>')

Point = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """An SVG, the short line below it, and all that there is to see, in words."""

    svg: str
    caption: str
    words: str


def canvas(parts: Iterable[str], size: tuple[int, int], words: str) -> str:
    """Return a whole SVG; `words` is what a screen reader says of it."""
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(words)}" font-family="{FONT}" font-size="13">'
        f"{''.join(parts)}</svg>"
    )


def image_tag(svg: str, size: tuple[int, int], words: str) -> str:
    """Return the SVG as an HTML image, for pages that take no inline SVG."""
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(words)}" '
        f'width="{size[0]}" height="{size[1]}" '
        'style="vertical-align: top; max-width: 100%; height: auto">'
    )


def text(
    x: float,
    y: float,
    words: str,
    colour: str = INK,
    anchor: str = "start",
    size: float = 13,
    bold: bool = False,
) -> str:
    """Write words; `y` is the middle of the letters."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-size="{size:g}" text-anchor="{anchor}"'
        f'{weight} style="fill:{colour}">{html.escape(words)}</text>'
    )


def line(points: Sequence[Point], colour: str, width: float = 1, opacity: float = 1) -> str:
    """Draw a line through points."""
    if len(points) < 2:
        return ""
    through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    faint = f";opacity:{opacity:g}" if opacity < 1 else ""
    return (
        f'<polyline points="{through}" fill="none" stroke-linejoin="round" '
        f'style="stroke:{colour};stroke-width:{width:g}{faint}"/>'
    )


def area(points: Sequence[Point], colour: str, opacity: float) -> str:
    """Fill the area between points."""
    through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{through}" style="fill:{colour};opacity:{opacity:g}"/>'


def box(x: float, y: float, width: float, height: float, colour: str, tip: str = "") -> str:
    """Fill a rectangle; `tip` appears under the pointer."""
    inside = f"<title>{html.escape(tip)}</title>" if tip else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'style="fill:{colour}">{inside}</rect>'
    )


def raster(x: float, y: float, width: float, height: float, png: bytes) -> str:
    """Place a small picture, its pixels as squares."""
    data = base64.b64encode(png).decode()
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{data}"/>'
    )


def frame(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Draw the edge of a rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="none" '
        f'style="stroke:{colour};stroke-width:2.5"/>'
    )


def picker(x: float, y: float, width: float, height: float, script: str) -> str:
    """Place an invisible rectangle that runs a script when it is clicked."""
    return (
        f'<rect class="{PICKER}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" fill="transparent" onclick="{html.escape(script)}"/>'
    )


def still(drawn: str) -> str:
    """Return an SVG without what would need a kernel."""
    return CLICKED.sub("", drawn)


def png(picture: Array) -> bytes:
    """Return pixels in colours, `[H, W, 4]` bytes, as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def shortened(words: str, room: float, size: float = 13) -> str:
    """Return the words, cut with an ellipsis where they would need more room than there is.

    >>> shortened("permutation 1", 60)
    'permuta…'
    """
    most = int(room / (LETTER * size))
    return words if len(words) <= most else f"{words[: max(most - 1, 1)].rstrip()}…"


def bold_label(label: str, room: float, size: float = 13) -> str:
    """Return the label of a run; without its λ, and then cut, where there is less room.

    >>> bold_label("RWalk, λ = 3", 200), bold_label("RWalk, λ = 30", 80)
    ('RWalk, λ = 3', 'RWalk')
    """
    fits = BOLD * LETTER * size * len(label) <= room
    return label if fits else shortened(label.partition(", λ")[0], room / BOLD, size)
