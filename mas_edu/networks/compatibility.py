"""Check that a model fits the data: its inputs, its logits, the active classes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor, nn

from mas_edu._common import USER_ERRORS, as_ints, first_line, short_repr
from mas_edu.networks.evaluation_mode import evaluating
from mas_edu.networks.params import as_module
from mas_edu.networks.wrapped import WRAPPED, describe_output, how_to_wrap, is_logits

OWN_SENTENCE = r"(model|data|classes|labels)\b.*: expected|model: "


def to_model(x: Tensor, model: nn.Module) -> Tensor:
    """Return inputs on the device and, unless they are whole numbers, in the float type of a model.

    >>> to_model(torch.zeros(2, 3), nn.Linear(3, 1).double()).dtype
    torch.float64
    """
    weight = next(model.parameters(), x)
    return x.to(weight.device, weight.dtype if x.is_floating_point() else x.dtype)


def check_logits(model: nn.Module, x: Tensor) -> Tensor:
    """Return the logits of a few samples, `[N, C]`, without a graph.

    Raises:
        ValueError: if the model cannot be applied to them, or returns anything but logits.
    """
    try:
        with torch.no_grad():
            outputs = model(x.clone())  # it may write into what it is given
        torch.clear_autocast_cache()  # PyTorch 2.5–2.9 would reuse casts made without gradients
    except USER_ERRORS as error:  # a model may raise anything; it is kept as the cause
        raise forward_error(x, error) from error
    return as_logits(outputs, len(x))


def as_logits(outputs: object, samples: int, classes: Sequence[int] | None = None) -> Tensor:
    """Return what a model returned, or raise unless it is logits, `[N, C]`, of all `classes`.

    >>> as_logits(torch.zeros(1, 2), 1, classes=[0, 2])
    Traceback (most recent call last):
    ValueError: classes: expected different whole numbers from 0 to 1, the network's outputs,
    got [0, 2]
    """
    if not is_logits(outputs, samples):
        cure = how_to_wrap(outputs, samples)
        if isinstance(outputs, Tensor):
            cure = "flatten the output, or wrap the model in a module that returns its logits"
        raise ValueError(
            "model: expected one row of logits for each sample, [N, C], got "
            f"{describe_output(outputs)} for {samples}; {cure}"
        )
    logits = cast(Tensor, outputs)
    if classes is None:
        return logits
    if isinstance(classes, Iterator):  # the second batch would find it empty
        raise ValueError("classes: expected a list of whole numbers, got an iterator; give list(…)")
    found, count = as_ints("classes", classes, least=0), logits.shape[1]
    if not found or len(set(found)) < len(found) or max(found) >= count:
        raise ValueError(
            f"classes: expected different whole numbers from 0 to {count - 1}, the network's "
            f"outputs, got {short_repr(classes)}"
        )
    return logits


def forward_error(x: Tensor, error: BaseException, when: str = "") -> ValueError:
    """Return the error for a model that raised another one when it was called on inputs.

    `when`: such as "in training", if it matters.
    """
    when = f" {when}" if when else ""
    return ValueError(
        f"model: cannot be applied to {len(x)} of the inputs{when}, each {tuple(x.shape[1:])} of "
        f"{x.dtype} ({first_line(error)}); {remedy(x, error)}"
    )


@contextmanager
def explain_errors(x: Tensor, when: str = "") -> Iterator[None]:
    """Turn what a model raises in the block, called on these inputs, into one sentence.

    The sentences of this library pass.
    """
    try:
        yield
    except USER_ERRORS as error:  # a model may raise anything; it is kept as the cause
        if isinstance(error, ValueError) and re.match(OWN_SENTENCE, str(error)):
            raise
        raise forward_error(x, error, when) from error


def check_model_fits(model: nn.Module, x: Tensor, outputs: int) -> None:
    """Raise unless the model returns at least `outputs` logits for each of these inputs."""
    if any(weight.is_meta for weight in as_module(model).parameters()):
        raise ValueError("model: expected weights with numbers, found some on the device meta")
    with evaluating(model):
        found = check_logits(model, to_model(x[:2], model)).shape[1]
    if found < outputs:
        raise ValueError(f"model: expected at least {outputs} logits for each sample, got {found}")


def check_classes(model: nn.Module, x: Tensor, classes: Sequence[int] | None = None) -> None:
    """Raise unless the model returns logits for a sample, among them those of all `classes`."""
    as_logits(check_logits(model, x[:1]), 1, classes)


def looks_channels_last(x: Tensor) -> bool:
    """Return whether inputs look like images `[N, H, W, C]`, as most libraries of images keep them.

    They have 1, 3 or 4 channels. Other numbers than bytes, which are pixels, may be no image where
    the last size is 1 and the others differ, such as channels and time of a measurement.

    >>> looks_channels_last(torch.zeros(5, 8, 10, 3)), looks_channels_last(torch.zeros(5, 8, 10, 1))
    (True, False)
    """
    if x.ndim != 4:
        return False
    height, width, channels = x.shape[1:]
    image = channels in (1, 3, 4) and min(height, width) > 4
    return image and (x.dtype == torch.uint8 or height == width or channels > 1)


def remedy(x: Tensor, error: BaseException) -> str:
    """Say what to do about inputs that a model cannot be applied to, given the error it raised."""
    if looks_channels_last(x) and "channels" in str(error):
        return "images have their channels first here: give x.permute(0, 3, 1, 2)"
    if x.dtype == torch.uint8:
        return "if they are grey values, give x.float() / 255"
    if "more than 1 value per channel" in str(error):
        return (
            "a batch norm takes its numbers from the other samples, and a single one has none: "
            "make it with track_running_stats=True, or take nn.LayerNorm or nn.GroupNorm"
        )
    if isinstance(error, TypeError) and (missing := re.findall(r"argument.*?: (.*)", str(error))):
        first = missing[0].replace("'", "").split(" ")[0].strip(",")
        return f"it needs more than x: give {WRAPPED}(model, {first}=…)"
    if not x.is_floating_point():
        return "the inputs are whole numbers: give x.float(), or x.float() / 255 for grey values"
    if x.ndim == 1:
        return (
            "each input is a single number: where the data are samples rather than batches of "
            "them, put several together, as torch.stack does"
        )
    if "indices" in str(error):
        return "an embedding needs whole numbers: give x.long(), to me.stream in a me.Task"
    return "do model and data belong together?"
