"""Results of published experiments: saved as JSON, joined, stored with the package."""

from __future__ import annotations

import json
import warnings
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from mas_edu._common import as_choice, set_aside, write_whole
from mas_edu.reproduction.protocol import Protocol
from mas_edu.reproduction.protocols import PROTOCOLS, all_protocols

STORED = "stored"  # the folder beside this file with the results that lessons and README show


def save_result(found: dict[str, Any], folder: Path) -> Path:
    """Write one JSON file, whole or not at all; return its path.

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
    """Return a result with the rows of both, the newer where both have one.

    Raises:
        ValueError: if anything but the rows differs.
    """
    if _without_rows(before) != _without_rows(found):
        raise ValueError("found: expected a result that was measured in the same way")
    settings = before["settings"]["rows"] | found["settings"]["rows"]
    rows = {row["row"]: row for row in before["rows"] + found["rows"]}
    order = [name for name in _row_names(found) if name in rows]
    return {
        **found,
        "settings": {**found["settings"], "rows": {name: settings[name] for name in order}},
        "rows": [rows[name] for name in order],
    }


def _without_rows(found: dict[str, Any]) -> dict[str, Any]:
    """Return all that must be equal for results to be joined."""
    return {**found, "rows": None, "settings": {**found["settings"], "rows": None}}


def load_stored(name: str) -> dict[str, Any]:
    """Return a result that comes with the package, such as "split-task".

    Raises:
        ValueError: for a name without one; the message lists those there are.
    """
    as_choice("name", name, _stored_names())
    text = (resources.files("mas_edu.reproduction") / STORED / f"{name}.json").read_text(
        encoding="utf-8"
    )
    found: dict[str, Any] = json.loads(text)
    return found


def load_stored_all(name: str) -> list[dict[str, Any]]:
    """Return the stored results of an experiment, "seed", "split" or "permuted".

    Raises:
        ValueError: if there are none.
    """
    as_choice("name", name, PROTOCOLS)
    found = [load_stored(p.name) for p in PROTOCOLS[name] if p.name in _stored_names()]
    if not found:
        raise ValueError(
            f"name: expected an experiment with a stored result, got {name!r}; run it without "
            "stored, or ask for another: " + ", ".join(_stored_names())
        )
    return found


def _stored_names() -> list[str]:
    """Return the names of the stored results."""
    folder = resources.files("mas_edu.reproduction") / STORED
    return sorted(p.name.removesuffix(".json") for p in folder.iterdir() if ".json" in p.name)


def is_current(found: dict[str, Any]) -> bool:
    """Return whether a stored result was made with the settings that the code has now, row by row.

    Of the seeds, it may have the first few.
    """
    protocol = _protocol_of(found)
    if protocol is None:
        return False
    now, then = json.loads(json.dumps(protocol.settings)), found["settings"]
    now["rows"] = {name: row for name, row in now["rows"].items() if name in then["rows"]}
    seeds = protocol.seeds[: len(found["seeds"])]
    said = (protocol.title, list(protocol.deviations), list(seeds))
    same = said == (found["title"], found["deviations"], found["seeds"])
    return bool(then["rows"]) and now == then and same


def fewer_seeds(found: dict[str, Any]) -> list[str]:
    """Return a sentence about the seeds, if the result has fewer than the experiment."""
    protocol, count = _protocol_of(found), len(found["seeds"])
    if protocol is None or found["settings"]["quick"] or count >= len(protocol.seeds):
        return []
    return [f"{count} of {len(protocol.seeds)} seeds"]


def left_out(found: dict[str, Any]) -> list[str]:
    """Return the names of the rows of the experiment that were not run."""
    run = [row["row"] for row in found["rows"]]
    return [name for name in _row_names(found) if name not in run]


def _protocol_of(found: dict[str, Any]) -> Protocol | None:
    """Return the current protocol of the result; None if there is none of its name."""
    return next((one for one in all_protocols() if one.name == found["name"]), None)


def _row_names(found: dict[str, Any]) -> list[str]:
    """Return the names of all rows of the experiment, in its order."""
    protocol = _protocol_of(found)
    return [entry.name for entry in protocol.entries] if protocol else []
