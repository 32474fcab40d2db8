"""Lesson 03: the pencil agrees with autograd and the library, and the picture with the pencil."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

import mas_edu as me
from mas_edu.lessons import omega_by_hand as lesson03
from mas_edu.lessons.omega_by_hand import EDGES, NETS, Net
from mas_edu.lessons.omega_by_hand import drawing as graph
from mas_edu.lessons.omega_by_hand.moment import Moment, number

pytestmark = pytest.mark.slow

every_net = pytest.mark.parametrize("net", NETS, ids=range(len(NETS)))
STATES = list(itertools.product((1, 2, 3), range(1, 6), (False, True)))


def drawn_net(seed):
    numbers = np.random.default_rng(seed)
    return Net(*(numbers.normal(size=shape) for shape in ((2, 2), 2, (3, 2))))


def module(net):
    into, out = torch.nn.Linear(2, 2, bias=False), torch.nn.Linear(2, 1, bias=False)
    network = torch.nn.Sequential(into, torch.nn.ReLU(), out).double()
    with torch.no_grad():
        into.weight.copy_(torch.tensor(net.w))
        out.weight.copy_(torch.tensor(net.v[None]))
    return network


def flat(params):
    return np.concatenate([np.asarray(value.detach()).ravel() for value in params.values()])


# ---- the numbers


@pytest.mark.parametrize("net", [*NETS, *map(drawn_net, range(5))])
def test_each_samples_gradients_are_those_of_autograd(net):
    network = module(net)
    for sample, by_hand in zip(torch.tensor(net.x), net.gradients, strict=True):
        parts = torch.autograd.grad(network(sample).square().sum(), list(network.parameters()))
        np.testing.assert_allclose(flat(dict(enumerate(parts))), by_hand, atol=1e-12)


@pytest.mark.parametrize("net", [*NETS, *map(drawn_net, range(5))])
def test_omega_is_the_librarys_and_so_is_the_other_order(net):
    network, x = module(net), torch.tensor(net.x)
    np.testing.assert_allclose(flat(me.mas(network, x)), net.omega, atol=1e-12)
    late = me.mas_batch(network, x, batch_size=3)
    np.testing.assert_allclose(flat(late), net.abs_of_mean, atol=1e-12)


@every_net
def test_eulers_relation_holds_in_both_layers(net):
    products = net.weights * net.gradients
    np.testing.assert_allclose(products[:, :4].sum(1), 2 * net.f**2)
    np.testing.assert_allclose(products[:, 4:].sum(1), 2 * net.f**2)


@every_net
def test_the_networks_are_fit_for_a_pencil(net):
    for values in (net.w, net.v, net.x, net.omega, net.abs_of_mean):
        np.testing.assert_array_equal(values, values.round())
    assert (net.z != 0).all(), "the derivative jumps where a sum is 0"
    assert np.abs(net.gradients).max() <= 30
    assert (net.z < 0).any(), "some unit should be off"
    assert net.f.min() < 0 < net.f.max()
    assert (net.abs_of_mean < net.omega).any(), "some signs should meet"


def test_the_lessons_network_makes_its_points():
    net = NETS[0]
    assert [row.tolist() for row in net.z > 0] == [[True, True], [False, True], [True, False]]
    largest, important = np.abs(net.weights).argmax(), net.omega.argmax()
    assert largest != important
    assert ((net.abs_of_mean == 0) & (net.omega > 0)).any()
    assert any((n.a == 0).all(1).any() for n in NETS), "the first prompt speaks of such a sample"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"w": [1, 2]}, r"w: expected finite numbers in the shape \(2, 2\), got \[1, 2\]"),
        ({"v": [1, np.nan]}, r"v: expected finite numbers in the shape \(2,\)"),
        ({"x": "abc"}, "x: expected numbers, got 'abc'"),
    ],
)
def test_a_network_of_another_shape_is_refused(bad, message):
    good = {"w": [[1, 2], [3, 4]], "v": [1, 2], "x": [[1, 0], [0, 1], [1, 1]]}
    with pytest.raises(ValueError, match=message):
        Net(**good | bad)


# ---- the picture


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def edges(figure):
    """The lines of the graph; those of the table come after them."""
    return figure.axes[0].lines[:6]


@every_net
def test_every_state_is_drawn_and_said(net):
    said = set()
    for state in STATES:
        if net is NETS[0] or state[0] == 2:  # of the other networks one sample
            figure = lesson03.draw(net, *state)
            figure.draw_without_rendering()
            assert not [text for text in texts(figure) if "nan" in text or "-" in text]
        said.add(lesson03.describe(net, *state))
    # each sample in the first four steps, and Ω; in the other order two means
    assert len(said) == 3 * 4 + 1 + 2


@every_net
@pytest.mark.parametrize("step", [3, 4, 5])
@pytest.mark.parametrize("sample", [1, 2, 3])
def test_widths_labels_and_sentence_show_what_was_computed(net, step, sample):
    gradients = net.gradients[sample - 1]
    values = {3: gradients, 4: np.abs(gradients), 5: net.omega}[step]
    figure, said = lesson03.draw(net, sample, step), lesson03.describe(net, sample, step)
    share = np.abs(values) / np.abs(net.gradients).max()
    widths = [line.get_linewidth() for line in edges(figure)]
    np.testing.assert_allclose(widths, np.maximum(2, graph.WIDEST * share))
    labels = [t.get_text() for t in figure.axes[0].texts if t.get_bbox_patch()][1:]
    assert [label.split("= ")[-1] for label in labels] == [number(value) for value in values]
    assert all(f"{e} {number(value)}" in said for e, value in zip(EDGES, values, strict=True))


def test_the_sign_is_told_by_colour_and_by_dashes():
    net = NETS[0]
    lines = edges(lesson03.draw(net, sample=3, step=3))
    for line, gradient in zip(lines, net.gradients[2], strict=True):
        colour = {1: graph.RISES, -1: graph.FALLS, 0: graph.PALE}[np.sign(gradient)]
        assert to_hex(line.get_color()) == colour
        assert (line.get_linestyle() == "-") == (gradient > 0)


def test_where_signs_meet_the_true_omega_stays_behind_in_pale():
    net = NETS[0]
    lines = lesson03.draw(net, step=5, abs_last=True).axes[0].lines[:12]
    pale, dark = lines[::2], lines[1::2]
    assert {line.get_alpha() for line in pale} == {0.3}
    thinner = [d.get_linewidth() < p.get_linewidth() for p, d in zip(pale, dark, strict=True)]
    assert thinner == (net.abs_of_mean < net.omega).tolist()
    said = lesson03.describe(net, step=5, abs_last=True)
    assert f"{sum(thinner)} of 6 are smaller than Ω" in said


def test_the_calculation_beside_the_units():
    forward, back = (texts(lesson03.draw(NETS[0], sample=3, step=step)) for step in (1, 2))
    assert {"h₁:  −1·(−1) + 2·1 = 3", "h₂:  3·(−1) + 1·1 = −2, off"} <= set(forward)
    assert "−1·3 + 1·0 = −3\nF² = 9" in forward
    assert {"δ = 2·(−3) = −6", "h₁:  δ = −6·(−1) = 6", "h₂:  off, δ = 0"} <= set(back)


def test_the_table_fills_sample_by_sample_and_the_mean_comes_last():
    filled = [
        [row is not None for row in Moment(NETS[0], sample, step).rows]
        for sample, step in ((1, 1), (1, 3), (2, 2), (3, 4), (1, 5))
    ]
    assert filled == [
        [False, False, False, False],
        [True, False, False, False],
        [True, False, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
    rows = Moment(NETS[0], step=5).rows
    np.testing.assert_array_equal(np.mean(rows[:3], axis=0), rows[3])
    early = Moment(NETS[0], step=4, abs_last=True).rows  # here the mean comes before the sign goes
    np.testing.assert_array_equal(np.mean(early[:3], axis=0), early[3])


@pytest.mark.parametrize("wrong", [{"sample": 4}, {"step": 0}, {"step": 2.5}])
def test_a_step_that_is_not_there_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name}: expected a whole number from 1 to"):
        lesson03.draw(NETS[0], **wrong)
    with pytest.raises(ValueError, match=f"{name}: expected a whole number from 1 to"):
        lesson03.figure(**wrong)


def test_a_network_of_zeros_and_one_of_fractions_can_be_drawn():
    zeros = Net(np.zeros((2, 2)), np.zeros(2), np.zeros((3, 2)))
    for net in (zeros, drawn_net(0)):
        for step, abs_last in itertools.product(range(1, 6), (False, True)):
            lesson03.draw(net, 1, step, abs_last).draw_without_rendering()
            assert "nan" not in lesson03.describe(net, 1, step, abs_last)
