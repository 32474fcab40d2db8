"""Write every notebook as a page, and the gallery, into site/: python -m tools.site."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.paths import ROOT
from tools.site.fit import UnfitError
from tools.site.pages import INDEX, site


def replace(folder: Path, pages: Mapping[str, str]) -> None:
    """Replace the folder by the pages, all of them or none."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        new, old = Path(beside) / "new", Path(beside) / "old"
        new.mkdir()
        for name, page in pages.items():
            (new / name).write_text(page, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site; return 1, and print a sentence, if that is not possible."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="their folder")
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="replaced as a whole")
    chosen = parser.parse_args(arguments)
    if chosen.out.exists() and not (chosen.out / INDEX).exists():
        print(f"--out: {chosen.out} is there and no site; name another folder", file=sys.stderr)
        return 1
    try:
        pages = site(sorted(chosen.notebooks.glob("*.ipynb")))
    except UnfitError as error:
        print(f"{error}\n{chosen.out} is left as it was.", file=sys.stderr)
        return 1
    replace(chosen.out, pages)
    size = sum(len(page.encode()) for page in pages.values()) / 1e6
    print(f"{chosen.out / INDEX}: {len(pages)} pages, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
