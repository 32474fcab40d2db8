"""A figure as inline SVG: sharp at every zoom, on the background of the reader's theme."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re

from matplotlib.figure import Figure

CLASS, THEMED = "mas-picture", "mas-themed"
DARK = 'body[data-jp-theme-light="false"]', "body.vscode-dark"
# Lightness is turned round and each hue kept, so text has the contrast that it has on white. What
# contains a heatmap stays on white: there bright and dark have a meaning.
STYLE = f"""<style>
.{CLASS} svg {{
  display: block; width: 100%; height: auto; background: white;
  stroke-linejoin: round; stroke-linecap: butt;
}}
.{CLASS} .widget-html-content {{ width: 100%; line-height: 1.3; }}
{", ".join(f"{theme} .{CLASS} svg.{THEMED}" for theme in DARK)} {{
  filter: invert(0.93) hue-rotate(180deg);
}}
</style>"""
BEGINNING = re.compile(r"\A.*?<svg [^>]*?viewBox=\"([^\"]+)\"[^>]*>", re.DOTALL)
NOT_DRAWN = re.compile(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", re.DOTALL)
USED = re.compile(r'(?:href="#|url\(#)([^")]+)')
NAMED = re.compile(r' id="([^"]+)"')


def figure_svg(figure: Figure, words: str) -> str:
    """Return a figure as SVG that can stand in a page; the same figure gives the same text.

    Args:
        figure: not drawn by another thread at the same time.
        words: what a screen reader says of it.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", facecolor="white")
    drawn = NOT_DRAWN.sub("", buffer.getvalue())
    found = BEGINNING.match(drawn)
    assert found is not None
    body = _own_names(drawn[found.end() :])
    themed = "" if "<image" in body else f' class="{THEMED}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{found[1]}" role="img" aria-label="{html.escape(words)}"{themed}>{body}'
    ).rstrip()


def image_tag(svg: str, size: tuple[int, int], words: str) -> str:
    """Return the SVG as an HTML image, for pages that take no inline SVG."""
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(words)}" '
        f'width="{size[0]}" height="{size[1]}" style="max-width: 100%; height: auto">'
    )


def _own_names(body: str) -> str:
    """Replace random names by numbers, and tell them apart from those of other pictures.

    A name that two pictures of a page share leads to the first of them, also when it is hidden.
    """
    numbers = {name: f"{k}" for k, name in enumerate(dict.fromkeys(USED.findall(body)))}
    body = NAMED.sub(lambda m: f' id="@{numbers[m[1]]}"' if m[1] in numbers else "", body)
    body = USED.sub(lambda m: f"{m[0][: -len(m[1])]}@{numbers[m[1]]}", body)
    key = hashlib.blake2s(body.encode(), digest_size=4).hexdigest()
    return re.sub(r'(id="|href="#|url\(#)@', rf"\1m{key}-", body)
