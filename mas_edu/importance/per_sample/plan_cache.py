"""Plans are kept for a model as long as it stays what it was.

A plan holds for one structure of autograd's graph, which is seen again with every batch: another
head, another order of layers, another weight shared is another graph. The graph does not show
everything, so a plan is kept with a fingerprint of the model. A network made of nothing but
PyTorch's own modules, without hooks, is known by its structure. Any other is known as this object.
If something in it cannot be compared, nothing is kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from mas_edu.importance.per_sample.plan import ModelPlans
from mas_edu.networks import UnknowableError, fingerprint

MOST_STRUCTURES = 32  # networks remembered by structure
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")

_lock = threading.Lock()
_by_structure: OrderedDict[Hashable, ModelPlans] = OrderedDict()
_by_object: WeakKeyDictionary[nn.Module, tuple[Hashable, ModelPlans]] = WeakKeyDictionary()


def recall(model: nn.Module, x: Tensor) -> ModelPlans:
    """Return the plans of the model for such inputs: none yet, if it changed."""
    try:
        key = (fingerprint(model), x.dtype, x.device, x.shape[1:], _settings())
    except UnknowableError:
        return ModelPlans()
    with _lock:
        if key in _by_structure or all(_is_pytorchs(module) for module in model.modules()):
            known = _by_structure.setdefault(key, ModelPlans())
            _by_structure.move_to_end(key)
            while len(_by_structure) > MOST_STRUCTURES:
                _by_structure.popitem(last=False)
            return known
        before, known = _by_object.get(model, (None, ModelPlans()))
        if before != key:
            known = ModelPlans()
            _by_object[model] = key, known
        return known


def forget() -> None:
    """Forget everything; for tests and measurements."""
    with _lock:
        _by_structure.clear()
        _by_object.clear()


def _settings() -> Hashable:
    """Return those settings of PyTorch that choose other kernels."""
    return torch.backends.mkldnn.enabled, torch.backends.cudnn.enabled


def _is_pytorchs(module: nn.Module) -> bool:
    """Return whether a module computes what PyTorch's class does, without hooks."""
    hooked = any(getattr(module, hooks, None) for hooks in HOOKS)
    own = type(module).__module__.startswith("torch.nn.modules.")
    return own and not hooked and "forward" not in vars(module)
