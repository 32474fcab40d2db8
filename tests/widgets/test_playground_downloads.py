"""The playground's files: code, pictures as PNG and SVG, records; and a click on a unit."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

import mas_edu as me
from tests.support.playgrounds import QUICK, text
from tests.support.workers import PATIENCE


@pytest.fixture(scope="module")
def figure():
    """A playground at rest, compared with EWC, three tasks."""
    figure = me.playground(tasks=3, compare=["EWC"], schedule=QUICK)
    assert figure.wait(PATIENCE)
    yield figure
    figure.close()


def saved(figure, label):
    """Press the button, and return the name and the content that the link leads to."""
    (button,) = (one for one in figure.downloads.buttons if one.description == label)
    button.click()
    found = re.search(
        r'download="([^"]+)" href="data:[^,]+;base64,([^"]+)"', figure.downloads.link.value
    )
    assert found is not None
    return found[1], base64.b64decode(found[2])


def test_the_code_runs_by_itself(figure):
    name, content = saved(figure, "Code")
    assert name == "playground.py"
    compile(content, name, "exec")
    assert content.decode().startswith("import mas_edu as me\n")
    assert figure.call in content.decode()
    assert "playground.py: saved" in text(figure.status)


@pytest.mark.parametrize("label", ["SVG", "PNG"])  # the browser makes the PNG from the same SVG
def test_the_picture_stands_by_itself(figure, label):
    name, content = saved(figure, label)
    assert name == "playground.svg"
    assert ElementTree.fromstring(content).tag.endswith("svg")
    drawn = content.decode()
    for words in ("MAS, λ = 0.1", "EWC, λ = 30", "Fine-tuning", "Ω of hidden1.weight"):
        assert words in drawn
    assert "var(" not in drawn  # a page's colours are not there
    assert "onclick" not in drawn


def test_every_run_can_be_read_again(figure, tmp_path):
    name, content = saved(figure, "Record")
    assert name == "playground.zip"
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    read = [me.Record.load(folder) for folder in sorted(tmp_path.iterdir())]
    assert [record.method_label for record in read] == ["MAS", "EWC", "FineTune"]
    assert read[0] == figure.record


def test_the_link_is_new_at_each_press_and_goes_with_the_picture(figure):
    saved(figure, "SVG")
    first = figure.downloads.link.value
    saved(figure, "SVG")
    assert figure.downloads.link.value != first
    figure.controls.at.value = 50
    assert figure.downloads.link.value == ""
    figure.controls.at.value = 100
    assert figure.wait(PATIENCE)


def test_pictures_of_other_runs_than_are_chosen_are_not_saved(figure):
    figure.screen.grey_out()
    for button in figure.downloads.buttons[1:]:
        button.click()
        assert figure.downloads.link.value == ""
        assert "Nothing to save" in text(figure.status)
    figure.screen.show(figure.screen.frame, "")


def test_a_click_on_the_mosaic_chooses_the_unit(figure):
    assert "mas-picker" in figure.screen.omega.value
    controls = figure.controls
    for number in (20, 21):
        controls.views.picked.value = f"{number} 123.4"
        assert figure.wait(PATIENCE)
        assert (controls.show.value, controls.unit.value) == ("one unit", number)
    controls.show.value = "curves"
    controls.views.picked.value = f"{controls.unit.max + 1} 125.0"  # where no unit is drawn
    assert (controls.show.value, controls.unit.value) == ("curves", 21)


def test_a_unit_cannot_be_chosen_where_units_are_hidden_or_not_seen(figure, make):
    hidden = make(tasks=2, hide=["unit"])
    hidden.controls.views.picked.value = "20 123.4"
    assert (hidden.controls.show.value, hidden.controls.unit.value) == ("curves", 1)
    figure.controls.view.value = "mean image"
    assert figure.wait(PATIENCE)
    assert "mas-picker" not in figure.screen.omega.value
    figure.controls.view.value = "units"
    assert figure.wait(PATIENCE)
