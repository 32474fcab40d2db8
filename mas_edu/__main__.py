"""Run the command line: `python -m mas_edu`."""

import sys

from mas_edu import _ctrl_c
from mas_edu.cli import main

if __name__ == "__main__":
    sys.exit(main(when_done=_ctrl_c.ignore_from_now))
