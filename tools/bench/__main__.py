"""Every promise of speed as a ratio, in one table."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import torch

from tools.bench import networks, omega, peers, protocol, scaling, step, sweeps
from tools.bench.measure import Row, machine

GROUPS = {
    "omega": omega.rows,
    "networks": networks.rows,
    "step": step.rows,
    "sweep": sweeps.rows,
    "protocol": protocol.rows,
    "scaling": scaling.rows,
    "peers": peers.rows,
}


def main() -> None:
    """Measure; print each row as it comes, and rewrite the JSON with it."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("groups", nargs="*", default=list(GROUPS), help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help="fewer samples and repeats")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--out", type=Path, default=Path(".artifacts"), help="folder for the JSON")
    options = parser.parse_args()
    if unknown := set(options.groups) - set(GROUPS):
        parser.error(f"groups: expected some of {', '.join(GROUPS)}, got {', '.join(unknown)}")
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device: PyTorch finds no CUDA device here")
    described = machine(options.device)
    print(", ".join(f"{name} {value}" for name, value in described.items()))
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "bench.json"
    rows: list[Row] = []
    for group in options.groups:
        extra = {"picture": options.out / "scaling.png"} if group == "scaling" else {}
        for row in GROUPS[group](options.quick, options.device, **extra):
            rows.append(row)
            print(line(row), flush=True)
            report = {
                "machine": described,
                "quick": options.quick,
                "rows": [r.as_dict() for r in rows],
            }
            text = json.dumps(report, indent=1, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
    print(f"written: {path}")


def line(row: Row) -> str:
    """Return one row of the table as text."""
    if math.isnan(row.ratio):
        return f"{'–':>9} {row.what} ({row.note})"
    seconds = f"{row.seconds:8.3f} s" if row.seconds is not None else " " * 10
    return (
        f"{row.ratio:9.3g} {row.target:8} {row.verdict:6} {seconds}  {row.what} / {row.reference}"
        + (f" ({row.note})" if row.note else "")
    )


if __name__ == "__main__":
    main()
