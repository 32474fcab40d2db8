"""Shares and names as plots and captions write them."""

from __future__ import annotations

import re


def percent(share: float) -> str:
    """Write a share as all pictures do.

    >>> percent(0.974)
    '97 %'
    """
    return f"{100 * share:.0f} %"


def short_names(text: str) -> str:
    """Return the text with the names of methods as plots and captions write them.

    >>> short_names("FineTune"), short_names("EWC, λ = 30")
    ('Fine-tuning', 'EWC, λ = 30')
    """
    return re.sub(r"\bFineTune\b", "Fine-tuning", text)
