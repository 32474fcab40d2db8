"""The root of the repository, and the pages that programs write tables into."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
REPRODUCTION = ROOT / "mas_edu" / "reproduction" / "README.md"
BENCH = ROOT / "tools" / "bench" / "README.md"
