"""A network and its weights by name; borrow it in eval mode, check that it fits the data."""

from mas_edu.networks.compatibility import (
    check_classes,
    check_logits,
    check_model_fits,
    remedy,
    to_model,
)
from mas_edu.networks.evaluation_mode import evaluating, keep_modes
from mas_edu.networks.models import cnn, mlp
from mas_edu.networks.params import (
    Params,
    as_module,
    check_finite_weights,
    device_of,
    flatten,
    snapshot,
    trainable,
    unflatten,
)

__all__ = [
    "Params",
    "as_module",
    "check_classes",
    "check_finite_weights",
    "check_logits",
    "check_model_fits",
    "cnn",
    "device_of",
    "evaluating",
    "flatten",
    "keep_modes",
    "mlp",
    "remedy",
    "snapshot",
    "to_model",
    "trainable",
    "unflatten",
]
