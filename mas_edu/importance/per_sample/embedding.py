"""Embeddings: y = W[word]. A sample's gradient is δ in the rows of its words, zero elsewhere.

So only the rows of words that occur are summed: first the positions of one word in one sample,
then, after the absolute value, the samples.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mas_edu.importance.per_sample.operation import (
    Operation,
    SampleGradients,
    abs_power,
    at_least_float32,
)


def embedding(at: Operation) -> SampleGradients:
    """Differentiate y = W[word] by W, `[words, E]`."""
    node, count = at.node, at.shape[0]
    if node._saved_scale_grad_by_freq:
        raise NotImplementedError("gradients scaled by how often a word is in the batch")
    words = at.samples_first(node._saved_indices).flatten(1)  # [N, L]
    delta = at_least_float32(at.samples_first(at.delta)).flatten(1, -2)  # [N, L, E]
    padding = node._saved_padding_idx
    delta = delta * (words != padding).unsqueeze(-1) if 0 <= padding < count else delta
    sample = torch.arange(at.samples, device=words.device).unsqueeze(1)

    def of(part: slice) -> Tensor:
        chosen = words[part]
        word_in_sample = (chosen + sample[: len(chosen)] * count).flatten()
        rows = delta.new_zeros(len(chosen) * count, delta.shape[-1])
        rows.index_add_(0, word_in_sample, delta[part].flatten(0, 1))
        return rows.view(-1, *at.shape)

    def total(power: int) -> Tensor:
        keys, at_key = (words + sample * count).flatten().unique(return_inverse=True)
        rows = delta.new_zeros(len(keys), delta.shape[-1]).index_add_(
            0, at_key, delta.flatten(0, 1)
        )
        zeros = delta.new_zeros(at.shape)
        return zeros.index_add_(0, keys % count, abs_power(rows, power))

    return SampleGradients(of, count * delta.shape[-1], total)
