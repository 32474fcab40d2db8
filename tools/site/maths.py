"""Formulas that a browser draws by itself: LaTeX to MathML, once, when the page is made."""

from __future__ import annotations

import html
import unicodedata
from contextlib import suppress
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

UNDER = {"max", "min", "sup", "inf", "lim", "argmax", "argmin"}  # subscripts go below these
STYLES = {"script": "SCRIPT", "double-struck": "DOUBLE-STRUCK", "bold": "BOLD"}


def mathml(latex: str, block: bool = False) -> str:
    r"""Translate a formula into MathML, the part of it that all browsers draw (MathML Core).

    Args:
        latex: without dollar signs.
        block: on a line of its own.

    Raises:
        ValueError: naming the formula, if it cannot be translated.

    >>> mathml(r"\theta")
    '<math display="inline"><mrow><mi>θ</mi></mrow></math>'
    """
    try:
        formula = convert_to_element(latex.strip(), display="block" if block else "inline")
    except Exception as error:  # each mistake has a class of its own, and no message
        raise ValueError(f"formula {latex!r}: {type(error).__name__}") from error
    for node in formula.iter():
        node.text = html.unescape(node.text) if node.text else node.text
        if node.tag != "mtext" and node.text and ("\\" in node.text or node.text == "&"):
            raise ValueError(f"formula {latex!r}: there is no translation of {node.text!r}")
        _letter(node)
        if block:
            _limits(node)
    formula.attrib.pop("xmlns", None)  # HTML needs no namespace
    return ElementTree.tostring(formula, encoding="unicode")


def _letter(node: ElementTree.Element) -> None:
    r"""Replace \mathcal F by the letter ℱ: browsers ignore the attribute for the style."""
    style = STYLES.get(node.get("mathvariant", ""))
    if style is None or not node.text or len(node.text) != 1 or not node.text.isalpha():
        return
    case = "CAPITAL" if node.text.isupper() else "SMALL"
    for first in ("MATHEMATICAL ", ""):  # some letters are older than the block of the others
        with suppress(KeyError):
            node.text = unicodedata.lookup(f"{first}{style} {case} {node.text.upper()}")
            del node.attrib["mathvariant"]
            return


def _limits(node: ElementTree.Element) -> None:
    r"""Put the i of \max_i below it, in a formula on a line of its own."""
    if node.tag == "msub" and node[0].text in UNDER:
        node.tag = "munder"
