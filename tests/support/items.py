"""A data set of made-up items."""

from __future__ import annotations

from typing import Any

from torch.utils.data import Dataset


class Items(Dataset):
    """Whatever it is given, item by item."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, i: int) -> Any:
        return self.items[i]
