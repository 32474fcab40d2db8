"""The closed form of each operation: which function differentiates it, sample by sample.

The names are autograd's. What is not in the table takes a slower route.
"""

from __future__ import annotations

from collections.abc import Callable

from mas_edu.importance.per_sample import broadcasting, convolution, embedding, linear, norms
from mas_edu.importance.per_sample.operation import Operation, SampleGradients

CLOSED_FORMS: dict[str, Callable[[Operation], SampleGradients]] = {
    "MmBackward0": linear.product,
    "AddmmBackward0": linear.sum_and_product,
    "ConvolutionBackward0": convolution.convolution,
    "NativeBatchNormBackward0": norms.batch_norm,
    "CudnnBatchNormBackward0": norms.batch_norm,
    "NativeGroupNormBackward0": norms.group_norm,
    "NativeLayerNormBackward0": norms.layer_norm,
    "FusedRmsNormBackward0": norms.rms_norm,
    "EmbeddingBackward0": embedding.embedding,
    "AddBackward0": broadcasting.addition,
    "SubBackward0": broadcasting.subtraction,
    "MulBackward0": broadcasting.multiplication,
    "ExpandBackward0": broadcasting.shift,
    "RepeatBackward0": broadcasting.repetition,
    "PreluKernelBackward0": broadcasting.parametric_relu,
}
