"""A notebook's cells as HTML, by nbconvert, with MathML instead of a script that draws formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

from tools.readme.badge import binder
from tools.site.fit import UnfitError
from tools.site.maths import mathml

SHOWN = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")


class Renderer(IPythonRenderer):
    """Markdown as nbconvert has it; formulas are MathML, links to notebooks lead to pages.

    Exercises are not read but worked on: their links lead to Binder.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(
            escape=False, embed_images=True, path=str(folder), exclude_anchor_links=True
        )

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return f'<span class="formula">{mathml(body, block=True)}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if url.startswith("exercises/"):
            url = binder(url)
        if ":" not in url:
            url = url.replace(".ipynb", ".html")
        return str(super().link(text, url, title))


def markdown(source: str, folder: Path) -> str:
    """Render Markdown as HTML."""
    return str(MarkdownWithMath(renderer=Renderer(folder)).render(source))


def body(notebook: Any, path: Path) -> str:
    """Render the cells of a notebook whose widgets are still.

    Raises:
        UnfitError: naming the cell with a formula that cannot be translated.
    """
    settings = {"display_data_priority": list(SHOWN)}
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        config=Config({"NbConvertBase": settings}),
    )
    exporter.register_filter("markdown2html", lambda source: markdown(source, path.parent))
    for cell in notebook.cells:  # once more for itself, so that a mistake has a place
        if cell.cell_type == "markdown":
            try:
                markdown(cell.source, path.parent)
            except ValueError as error:
                raise UnfitError(path.name, cell.id, str(error)) from error
    html, _ = exporter.from_notebook_node(notebook)
    return str(html)
