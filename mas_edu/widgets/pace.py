"""The pace at which a worker draws: often enough to look alive, seldom enough to train."""

from __future__ import annotations

import time


class Pace:
    """Decides when a frame is due: not too often, and drawing takes at most a third of the time.

    >>> pace = Pace(per_second=5)
    >>> pace.due()
    True
    >>> with pace:
    ...     pass
    >>> pace.due()
    False
    """

    def __init__(self, per_second: float, share: float = 1 / 3) -> None:
        self.least, self.share = 1 / per_second, share
        self.next = self.begun = 0.0

    def due(self) -> bool:
        """Return whether it is time to draw."""
        return time.monotonic() >= self.next

    def __enter__(self) -> None:
        self.begun = time.monotonic()

    def __exit__(self, *_: object) -> None:
        now = time.monotonic()
        rest = (now - self.begun) * (1 / self.share - 1)
        self.next = max(self.begun + self.least, now + rest)
