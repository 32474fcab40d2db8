"""The state that forward() may change, such as a moving average, kept to undo a mere trial."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from mas_edu.networks import KeptValues


class ForwardState:
    """Buffers of a model and tensors in its attributes, with their values."""

    def __init__(self, model: nn.Module) -> None:
        self._places: list[tuple[dict[str, Any], dict[str, Any]]] = [
            (place, dict(place))
            for module in model.modules()
            for place in (module._buffers, vars(module))
        ]
        self._values = KeptValues(
            tensor for _, before in self._places for tensor in _tensors(before).values()
        )

    def restore(self) -> bool:
        """Undo what changed since; return whether anything did."""
        changed = False
        for place, before in self._places:
            for key in _tensors(before) | _tensors(place):
                if place.get(key) is before.get(key):
                    continue
                changed = True
                if key in before:
                    place[key] = before[key]
                else:
                    del place[key]
        return self._values.restore() or changed


def _tensors(place: dict[str, Any]) -> dict[str, Tensor]:
    return {key: value for key, value in place.items() if isinstance(value, Tensor)}
