"""Plots in a notebook, with their sentence."""

from __future__ import annotations

import warnings

import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from mas_edu import plots
from mas_edu._common import figure_png
from mas_edu.plots import captions, display, style
from tests.support.plots import run


def test_show_prints_the_sentence_outside_a_notebook(capsys):
    plots.show(plots.accuracy_matrix(run(2)), alt="Two rows.")
    assert capsys.readouterr().out == "Two rows.\n"


@pytest.mark.parametrize("alt", ["", "  \n", None, 3])
def test_show_requires_an_alt_text(alt):
    with pytest.raises(ValueError, match=r"alt: expected a sentence .* me\.words has one"):
        plots.show(Figure(), alt=alt)


def test_show_requires_a_figure():
    with pytest.raises(ValueError, match=r"fig_or_ax: expected a matplotlib Figure or Axes.* str"):
        plots.show("figure", alt="Nothing.")


def test_show_leaves_no_figure_with_pyplot(capsys):
    figure, ax = plt.subplots()
    other = plt.figure()
    for shown in (ax, figure):
        plots.show(shown, alt="Empty.")
    assert plt.get_fignums() == [other.number]
    plt.close(other)


def test_the_output_carries_the_sentence_in_metadata_and_escaped_in_html():
    figure = Figure((3, 2))
    bundle, metadata = display.cell_output(figure, 'a < b & "c"')
    assert metadata == {"image/png": {"alt": 'a < b & "c"', "width": 300, "height": 200}}
    assert "<figcaption>a &lt; b &amp; &quot;c&quot;</figcaption>" in bundle["text/html"]
    assert 'alt="a &lt; b &amp; &quot;c&quot;"' in bundle["text/html"]
    assert bundle["text/plain"] == 'a < b & "c"'


@pytest.mark.slow
def test_the_alt_text_is_visible_in_a_notebook_and_after_export():
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's start, not ours
        import nbformat
        from nbconvert import HTMLExporter
        from nbconvert.preprocessors import ExecutePreprocessor

        source = (
            "import mas_edu as me\n"
            "ax = me.plots.accuracy_matrix(me.Record([[.9, .1], [.6, .8]]))\n"
            "me.plots.show(ax, alt='Falls to 60 % < 90 %')"
        )
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        ExecutePreprocessor(timeout=120).preprocess(notebook)
        pages = {
            template: HTMLExporter(template_name=template).from_notebook_node(notebook)[0]
            for template in ("lab", "classic")
        }
    (output,) = notebook.cells[0].outputs
    assert output.metadata["image/png"]["alt"] == "Falls to 60 % < 90 %"
    for page in pages.values():
        soup = BeautifulSoup(page, "html.parser")
        assert [image["alt"] for image in soup.find_all("img")] == ["Falls to 60 % < 90 %"]
        assert soup.find("figcaption").text == "Falls to 60 % < 90 %"


def test_every_plot_has_a_caption():
    for name in ("forgetting_curves", "accuracy_matrix", "frontier", "comparison", "task_samples"):
        assert hasattr(captions, name)
        assert hasattr(plots, name)


def test_a_picture_that_is_drawn_keeps_no_pixels() -> None:
    figure = style.white_figure((60, 40))
    figure.text(0.5, 0.5, "a text")
    figure_png(figure)
    assert [text for text in figure.findobj(Text) if vars(text)["_renderer"] is not None] == []
