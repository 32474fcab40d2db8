"""The command line, `python -m mas_edu`."""

from mas_edu.cli.start import main

__all__ = ["main"]
