"""A network and its weights by name, lent out and given back unchanged."""

from mas_edu.networks.models import cnn, mlp
from mas_edu.networks.params import (
    Params,
    as_module,
    check_finite_weights,
    check_logits,
    device_of,
    evaluating,
    flatten,
    keep_modes,
    remedy,
    snapshot,
    trainable,
    unflatten,
)

__all__ = [
    "Params",
    "as_module",
    "check_finite_weights",
    "check_logits",
    "cnn",
    "device_of",
    "evaluating",
    "flatten",
    "keep_modes",
    "mlp",
    "remedy",
    "snapshot",
    "trainable",
    "unflatten",
]
