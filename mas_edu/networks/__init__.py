"""A network and its weights by name; borrow it in eval mode, check that it fits the data."""

from mas_edu.networks.compatibility import (
    as_logits,
    check_classes,
    check_logits,
    check_model_fits,
    explain_errors,
    forward_error,
    looks_channels_last,
    remedy,
    to_model,
)
from mas_edu.networks.dispatch_mode import DispatchMode
from mas_edu.networks.evaluation_mode import call_own_train, evaluating, keep_modes
from mas_edu.networks.fingerprints import UnknowableError, fingerprint
from mas_edu.networks.gradient_mode import enable_gradients, with_gradients, within
from mas_edu.networks.interrupts import settle_after_ctrl_c
from mas_edu.networks.kept_values import KeptValues
from mas_edu.networks.models import cnn, mlp
from mas_edu.networks.params import (
    Params,
    as_module,
    check_finite_weights,
    check_own_memory,
    device_of,
    flatten,
    float_buffers,
    load_whole_state,
    snapshot,
    trainable,
    unflatten,
    whole_state,
    why_not_plain,
)
from mas_edu.networks.randomness import (
    OwnGenerators,
    in_main_thread,
    keep_random_state,
    may_draw,
    seeded,
)
from mas_edu.networks.threads import own_threads
from mas_edu.networks.wrapped import Wrapped, describe_output, how_to_wrap, is_logits

__all__ = [
    "DispatchMode",
    "KeptValues",
    "OwnGenerators",
    "Params",
    "UnknowableError",
    "Wrapped",
    "as_logits",
    "as_module",
    "call_own_train",
    "check_classes",
    "check_finite_weights",
    "check_logits",
    "check_model_fits",
    "check_own_memory",
    "cnn",
    "describe_output",
    "device_of",
    "enable_gradients",
    "evaluating",
    "explain_errors",
    "fingerprint",
    "flatten",
    "float_buffers",
    "forward_error",
    "how_to_wrap",
    "in_main_thread",
    "is_logits",
    "keep_modes",
    "keep_random_state",
    "load_whole_state",
    "looks_channels_last",
    "may_draw",
    "mlp",
    "own_threads",
    "remedy",
    "seeded",
    "settle_after_ctrl_c",
    "snapshot",
    "to_model",
    "trainable",
    "unflatten",
    "whole_state",
    "why_not_plain",
    "with_gradients",
    "within",
]
