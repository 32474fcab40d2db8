"""The lesion test: Ω says without which weights the network fails."""

from __future__ import annotations

import mas_edu as me
from mas_edu.networks import snapshot
from mas_edu.training import lesion


def test_without_its_most_important_weights_a_network_fails_without_the_least_it_does_not():
    task = me.rotated("digits", tasks=1)[0]
    model = me.mlp([64, 16, 10])
    me.fit(model, task, schedule=me.Schedule(steps=600))
    omega, before = me.mas(model, task.x), snapshot(model)
    whole = me.accuracies(model, [task])[0]
    least, random, most = (
        lesion(model, [task], omega, 0.1, which)[0] for which in ("least", "random", "most")
    )
    assert whole > 0.8
    assert least > whole - 0.02
    assert most < random < least
    assert all((before[name] == weight).all() for name, weight in snapshot(model).items())
    assert lesion(model, [task], omega, 0.0)[0] == whole
