"""Tasks, streams of tasks, the data sets they are made of, and your own data."""

from mas_edu.data.custom import stream
from mas_edu.data.datasets import DATASETS, data_folder, images_label, is_present, load_images
from mas_edu.data.large_tasks import JoinedInputs
from mas_edu.data.streams import STREAMS, Scenario, permuted, rotated, split
from mas_edu.data.tasks import Stream, Task
from mas_edu.data.unlabelled import Data, Inputs, as_batches, as_tensor, batches

__all__ = [
    "DATASETS",
    "STREAMS",
    "Data",
    "Inputs",
    "JoinedInputs",
    "Scenario",
    "Stream",
    "Task",
    "as_batches",
    "as_tensor",
    "batches",
    "data_folder",
    "images_label",
    "is_present",
    "load_images",
    "permuted",
    "rotated",
    "split",
    "stream",
]
