"""Valid answers to the exercises of lesson 07."""

from __future__ import annotations

import copy

import numpy as np
import torch
from matplotlib import colormaps
from matplotlib.colors import LogNorm, Normalize

import mas_edu as me


def repaired_on_a_log_scale(axes):
    values = np.concatenate([ax.images[0].get_array().ravel() for ax in axes])
    norm = LogNorm(values[values > 0].min(), values.max())
    for ax in axes:
        image = ax.images[0]
        image.norm = norm
        image.cmap = colormaps["viridis"].with_extremes(bad="lightgrey")
        ax.figure.colorbar(image, ax=ax, label="Omega (log scale, grey: 0)")
        ax.set(xlabel="pixel", ylabel="unit")
        if ax.get_ylim()[0] < ax.get_ylim()[1]:
            ax.invert_yaxis()


def repaired_with_a_bar_below(axes):
    images = [ax.images[0] for ax in axes]
    for image in images:
        image.set(cmap="Greys", clim=(0, 5))
        image.set_norm(Normalize(vmin=0, vmax=5))
    for ax in axes:
        ax.set_xlabel("incoming weight")
        ax.set_ylabel("hidden unit")
        ax.set_ylim(5.5, -0.5)
    bar = axes[0].figure.colorbar(images[0], ax=axes, location="bottom")
    bar.set_label("importance Ω")


def repaired_by_drawing_anew(axes):
    data = [np.ma.masked_equal(ax.images[0].get_array(), 0) for ax in axes]
    for ax, omega in zip(axes, data, strict=True):
        ax.clear()
        mesh = ax.pcolormesh(omega, vmin=0, vmax=max(one.max() for one in data), cmap="magma_r")
        ax.invert_yaxis()
        ax.set(xlabel="inputs", ylabel="units")
        ax.figure.colorbar(mesh, ax=ax, label="Ω")


def control_with_numpy(trained, untrained, images):
    def r(model):
        pixels = me.mas(model, images)["0.weight"].numpy().sum(0)
        return np.corrcoef(pixels, images.numpy().sum(0))[0, 1]

    return {"untrained": r(untrained), "trained": r(trained)}


def control_in_float32(trained, untrained, x):
    found = {}
    for name, model in {"trained": trained, "untrained": untrained}.items():
        pixels = me.mas(copy.deepcopy(model).float(), x.float())["0.weight"].mean(0)
        a, b = pixels - pixels.mean(), x.mean(0).float() - x.float().mean()
        found[name] = (a * b).sum() / torch.sqrt((a**2).sum() * (b**2).sum())
    return found


def shaken_copy(model, x, omega, signs, share, size):
    twin = copy.deepcopy(model)
    limit = torch.quantile(torch.cat([omega[n].ravel() for n in omega]), share)
    with torch.no_grad():
        for name, weight in twin.named_parameters():
            weight[omega[name] < limit] += (size * signs[name])[omega[name] < limit]
        return torch.dist(twin(x), model(x)) / torch.linalg.norm(model(x))


def shaken_by_order(model, x, omega, signs, share, size):
    flat = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
    place = torch.nn.utils.parameters_to_vector(omega[n] for n, _ in model.named_parameters())
    way = torch.nn.utils.parameters_to_vector(signs[n] for n, _ in model.named_parameters())
    old, new = flat.clone(), flat.clone()
    chosen = place.argsort()[: int(share * len(place) + 0.5)]
    new[chosen] += size * way[chosen]
    with torch.no_grad():
        before = model(x)
        torch.nn.utils.vector_to_parameters(new, model.parameters())
        after = model(x)
        torch.nn.utils.vector_to_parameters(old, model.parameters())
    return ((after - before) ** 2).sum().sqrt().item() / (before**2).sum().sqrt().item()


VARIANTS = {
    "07.2": [repaired_on_a_log_scale, repaired_with_a_bar_below, repaired_by_drawing_anew],
    "07.3": [
        "Task 1 drops by 57 points in accuracy, from 95 % to 38 %, as tasks 2 and 3 are learned.",
        "Accuracy after learning each of 3 tasks (digits turned by 0°, 30°, 60°): the first task "
        "ends at about 40 %, the second at 70 %, the last one at 92 %.",
        "Share of correct answers by task. The first goes from 0.95 to 0.61 to 0.38.",
    ],
    "07.4": [control_with_numpy, control_in_float32],
    "07.5": [shaken_copy, shaken_by_order],
}
