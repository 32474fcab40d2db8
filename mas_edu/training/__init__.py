"""Train with the penalty: one task, a stream of tasks, or many runs."""

from mas_edu.training.batches import inactive_mask
from mas_edu.training.evaluation import accuracies
from mas_edu.training.fitting import fit, learn
from mas_edu.training.gradient import masked_cross_entropy
from mas_edu.training.lesions import lesion
from mas_edu.training.run import HIDDEN, Training
from mas_edu.training.schedule import Optimizer, Precision, Schedule, use_threads
from mas_edu.training.sweeps.batched import train_batched
from mas_edu.training.sweeps.grid import LAMS, InterruptedWarning, sweep
from mas_edu.training.sweeps.store import AFTER, DAMAGED

__all__ = [
    "AFTER",
    "DAMAGED",
    "HIDDEN",
    "LAMS",
    "InterruptedWarning",
    "Optimizer",
    "Precision",
    "Schedule",
    "Training",
    "accuracies",
    "fit",
    "inactive_mask",
    "learn",
    "lesion",
    "masked_cross_entropy",
    "sweep",
    "train_batched",
    "use_threads",
]
