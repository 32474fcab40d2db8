"""The number of samples that go through the model together: as many as fit into the memory."""

from __future__ import annotations

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

BUDGET = {"cpu": 128 * 2**20, "cuda": 2 * 2**30}  # bytes of a batch; twice as many saved ≤ 20 %
ACTIVATIONS = 0.75  # of the budget; the rest is for the gradients of a layer
LEAST = 6  # samples that have to fit into the budget; with fewer the loop was faster
LARGEST_BATCH = 1024  # samples; more were no faster, and a float32 sum over more loses digits


def choose_batch_size(bytes_per_sample: int, device: str, memory: int | None) -> int:
    """Return how many samples fit into the memory, or 1 if they are too few to go together."""
    budget = memory or BUDGET.get(device, BUDGET["cpu"])
    fit = int(ACTIVATIONS * budget) // max(1, bytes_per_sample)
    return 1 if fit < LEAST else min(fit, LARGEST_BATCH)


class SavedBytes(saved_tensors_hooks):
    """Counts the bytes of tensors that autograd keeps for the backward pass, but for weights."""

    def __init__(self, model: nn.Module) -> None:
        own = {id(tensor) for tensor in (*model.parameters(), *model.buffers())}
        self.saved: dict[int, int] = {}

        def pack(tensor: Tensor) -> Tensor:
            if id(tensor) not in own and id(tensor._base) not in own:
                storage = tensor.untyped_storage()
                self.saved[storage.data_ptr()] = storage.nbytes()
            return tensor.detach()

        super().__init__(pack, lambda tensor: tensor)

    def __enter__(self) -> SavedBytes:  # type: ignore[override]
        super().__enter__()
        return self

    @property
    def total(self) -> int:
        """Return the sum; at least 1."""
        return max(1, sum(self.saved.values()))
