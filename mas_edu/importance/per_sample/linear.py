r"""Linear layers: y = a Wᵀ, and any other product of samples with a matrix of weights.

A sample's gradient is the outer product δ aᵀ, with δ the gradient at y, and the absolute value of
an outer product is the outer product of the absolute values: |δ aᵀ| = |δ||a|ᵀ. So the sum over
samples is ONE matrix product, |Δ|ᵀ|A|: as cheap as the plain batch gradient ΔᵀA.

Along a sequence the L positions are added up *before* the absolute value is taken:
|Σ_l δ_l a_lᵀ| ≠ Σ_l |δ_l||a_l|ᵀ. There each sample's gradient is formed, one product a sample.
"""

from __future__ import annotations

from torch import Tensor

from mas_edu.importance.per_sample.broadcasting import shift
from mas_edu.importance.per_sample.operation import Operation, SampleGradients, at_least_float32
from mas_edu.importance.per_sample.outer_product import products, single_products


def product(at: Operation) -> SampleGradients:
    """Differentiate y = a V by V: samples are rows of `a`, `V` is the weight, mostly Wᵀ."""
    if at.slot != 1:
        raise NotImplementedError("weights on the left of the product")
    return _outer(at, at.node._saved_self)


def sum_and_product(at: Operation) -> SampleGradients:
    """Differentiate y = b + a V by b or by V."""
    if at.slot == 0:
        return shift(at)
    if at.slot != 2 or at.node._saved_alpha != 1:
        raise NotImplementedError("weights on the left of the product")
    return _outer(at, at.node._saved_mat1)


def _outer(at: Operation, inputs: Tensor) -> SampleGradients:
    a = at_least_float32(at.samples_first(inputs))  # [N, L, in]
    delta = at_least_float32(at.samples_first(at.delta))  # [N, L, out]
    if a.shape[1] == 1:
        return single_products(delta[:, 0], a[:, 0]).transposed()
    return products(delta.mT, a).transposed()  # of V, [in, out]
