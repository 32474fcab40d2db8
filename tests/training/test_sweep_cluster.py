"""Runs that cannot be batched, on a real cluster: the same records as in this process."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import joblib
import numpy as np
import pytest
from torch import nn

import mas_edu as me

distributed = pytest.importorskip("distributed", reason="pip install 'mas_edu[distributed]'")
SHORT = me.Schedule(steps=6, evaluations=2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Two processes of two threads each, the engine of joblib for the time of the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cluster's own start and end
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=2, dashboard_address=None, silence_logs=50
            ) as machines,
            distributed.Client(machines),
            joblib.parallel_config(backend="dask"),
        ):
            yield


@pytest.fixture(scope="module")
def stream() -> me.Stream:
    return me.rotated("digits", tasks=2, step=90, samples=100)


@pytest.mark.slow
def test_a_cluster_gives_the_same_records_and_stores_them(cluster, stream, tmp_path):
    width = 9  # a lambda that needs what stands around it
    more = {
        "schedule": SHORT,
        "model": lambda seed: nn.Sequential(
            nn.Linear(64, width), nn.ReLU(), nn.Dropout(0.5), nn.Linear(width, 10)
        ),
        "progress": False,
    }
    there = me.sweep(stream, me.MAS(), [0, 1], [0, 1, 2], store=tmp_path, **more)
    with joblib.parallel_config(backend="sequential"):
        here = me.sweep(stream, me.MAS(), [0, 1], [0, 1, 2], **more)
    assert there == here
    assert len(list(tmp_path.glob("*/after-2/record.json"))) == 6
    asked: list[int] = []
    again = me.sweep(
        stream,
        me.MAS(),
        [0, 1],
        [0, 1, 2],
        store=tmp_path,
        stop=lambda: bool(asked.append(1)),
        **more,
    )
    assert (again, asked) == (here, [])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:model. the running statistics:UserWarning")
@pytest.mark.filterwarnings("ignore:lr · λ · max Ω:UserWarning")
def test_a_run_that_diverges_in_the_cluster_is_named(cluster, stream):
    schedule = me.Schedule(steps=40, optimizer="sgd", lr=0.05)
    model = nn.Sequential(nn.Linear(64, 9), nn.BatchNorm1d(9), nn.ReLU(), nn.Linear(9, 10))
    with pytest.warns(UserWarning, match=r"diverged: 1 of 2 .* λ = 1e\+12, seed 3"):
        records = me.sweep(
            stream, me.MAS(), [0, 1e12], [3], schedule=schedule, model=model, progress=False
        )
    assert [record.finished for record in records] == [2, 1]
    assert np.isnan(records[1].accuracy[1]).all()


@pytest.mark.slow
def test_stop_is_asked_after_each_run(cluster, stream):
    model = nn.Sequential(nn.Linear(64, 9), nn.Dropout(0.5), nn.Linear(9, 10))
    more = {"schedule": SHORT, "model": model, "progress": False}
    with pytest.warns(UserWarning, match="stopped: . of 8 runs are unfinished"):
        records = me.sweep(stream, me.MAS(), [0, 1], range(4), stop=lambda: True, **more)
    assert 1 <= sum(record.complete for record in records) < 8
