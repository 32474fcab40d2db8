"""Playgrounds for tests: quick, and closed afterwards."""

from __future__ import annotations

import html
import re

import mas_edu as me

QUICK = me.Schedule(steps=20, evaluations=2)
LONG = me.Schedule(steps=100_000)


def comparable(one, other):
    """Whether both runs learned the same tasks from the same start."""
    return all(one.settings[key] == other.settings[key] for key in ("stream", "seed"))


def text(widget):
    return html.unescape(re.sub("<[^>]*>", "", widget.value)).replace("\xa0", " ")
