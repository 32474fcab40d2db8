"""What came out of published experiments: kept as JSON, joined, shipped with the package."""

from __future__ import annotations

import json
import warnings
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from mas_edu._common import as_choice, set_aside, write_whole
from mas_edu.reproduction.protocols import PROTOCOLS, Protocol, all_protocols

STORED = "stored"  # the folder of this package with the results that lessons and README show


def save_result(found: dict[str, Any], folder: Path) -> Path:
    """One JSON file, whole or not at all; gives its path.

    Rows that are there already, measured in the same way, are kept; if not in the same way, the
    whole file is set aside. Quick results have a file of their own.
    """
    path = folder / f"{found['name']}{'-quick' if found['settings']['quick'] else ''}.json"
    if path.exists():
        try:
            found = join_rows(json.loads(path.read_text(encoding="utf-8")), found)
        except (OSError, ValueError, TypeError, LookupError):
            kept = set_aside(path, "earlier-")
            warnings.warn(
                f"out: {path} held what was measured in another way, or is no result; it is "
                f"{f'kept as {kept.name}' if kept else 'replaced'}",
                stacklevel=2,
            )
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, partial(Path.write_text, data=text, encoding="utf-8"))
    return path


def join_rows(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The rows of both, the newer where both have one.

    Raises:
        ValueError: if aught but the rows differs.
    """
    if _but_rows(before) != _but_rows(found):
        raise ValueError("found: expected a result that was measured in the same way")
    settings = before["settings"]["rows"] | found["settings"]["rows"]
    rows = {row["row"]: row for row in before["rows"] + found["rows"]}
    order = [name for name in _rows(found) if name in rows]
    return {
        **found,
        "settings": {**found["settings"], "rows": {name: settings[name] for name in order}},
        "rows": [rows[name] for name in order],
    }


def _but_rows(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "rows": None, "settings": {**found["settings"], "rows": None}}


def load_stored(name: str) -> dict[str, Any]:
    """The result that was measured once and comes with the package, such as "split-task".

    Raises:
        ValueError: for a name without one; the message has those there are.
    """
    as_choice("name", name, _kept())
    text = (resources.files("mas_edu.reproduction") / STORED / f"{name}.json").read_text(
        encoding="utf-8"
    )
    found: dict[str, Any] = json.loads(text)
    return found


def load_stored_all(name: str) -> list[dict[str, Any]]:
    """What is stored of an experiment, "seed", "split" or "permuted".

    Raises:
        ValueError: if nothing is.
    """
    as_choice("name", name, PROTOCOLS)
    found = [load_stored(p.name) for p in PROTOCOLS[name] if p.name in _kept()]
    if not found:
        raise ValueError(
            f"name: expected an experiment with a stored result, got {name!r}; run it without "
            "stored, or ask for another: " + ", ".join(_kept())
        )
    return found


def _kept() -> list[str]:
    """The names of the stored results."""
    folder = resources.files("mas_edu.reproduction") / STORED
    return sorted(p.name.removesuffix(".json") for p in folder.iterdir() if ".json" in p.name)


def is_current(found: dict[str, Any]) -> bool:
    """Whether a stored result was made with the settings that the code has now, row by row.

    Of the seeds, it may have the first few.
    """
    protocol = _protocol(found)
    if protocol is None:
        return False
    now, then = json.loads(json.dumps(protocol.settings)), found["settings"]
    now["rows"] = {name: row for name, row in now["rows"].items() if name in then["rows"]}
    seeds = protocol.seeds[: len(found["seeds"])]
    said = (protocol.title, list(protocol.deviations), list(seeds))
    same = said == (found["title"], found["deviations"], found["seeds"])
    return bool(then["rows"]) and now == then and same


def fewer_seeds(found: dict[str, Any]) -> list[str]:
    """The sentence that says so, if it was run with fewer than the experiment has."""
    protocol, count = _protocol(found), len(found["seeds"])
    if protocol is None or found["settings"]["quick"] or count >= len(protocol.seeds):
        return []
    return [f"{count} of {len(protocol.seeds)} seeds"]


def left_out(found: dict[str, Any]) -> list[str]:
    """The rows of the experiment that were not run."""
    run = [row["row"] for row in found["rows"]]
    return [name for name in _rows(found) if name not in run]


def _protocol(found: dict[str, Any]) -> Protocol | None:
    """The experiment that it is a result of, as the code has it now; None: there is none."""
    return next((one for one in all_protocols() if one.name == found["name"]), None)


def _rows(found: dict[str, Any]) -> list[str]:
    """The names of all rows of the experiment, in its order."""
    protocol = _protocol(found)
    return [entry.name for entry in protocol.entries] if protocol else []
