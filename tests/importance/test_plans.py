"""Routes, and plans kept for a model: taken where they hold, and found again where they do not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
import torchvision
from torch import Tensor, nn

import mas_edu as me
from mas_edu.importance import reference
from mas_edu.importance.per_sample import plan_cache, routing, trial
from tests.support import contract
from tests.support.networks import Apply

N = 7


def _x(*shape: int) -> Tensor:
    return torch.randn(N, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(5))


class Encoder(nn.Module):
    """A small vision transformer of torchvision's, with a head that is not zero."""

    def __init__(self) -> None:
        super().__init__()
        self.vit = torchvision.models.VisionTransformer(16, 8, 2, 2, 8, 16, num_classes=3)
        nn.init.normal_(self.vit.heads.head.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.vit(x)


def _convnext() -> nn.Module:
    from torchvision.models.convnext import CNBlockConfig, ConvNeXt

    return ConvNeXt([CNBlockConfig(6, 8, 1), CNBlockConfig(8, None, 1)], num_classes=3)


def _densenet() -> nn.Module:
    return torchvision.models.DenseNet(4, (2, 2), 8, bn_size=2, num_classes=3)


def _mobilenet() -> nn.Module:
    from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3

    setting = [InvertedResidualConfig(8, 3, 16, 8, True, "HS", 2, 1, 1.0)]
    return MobileNetV3(setting, 16, num_classes=3)


class Residual(nn.Module):
    """ResNet's basic block, with few channels."""

    def __init__(self) -> None:
        super().__init__()
        block = torchvision.models.resnet.BasicBlock
        self.stem = nn.Conv2d(3, 4, 3, 2, 1, bias=False)
        self.blocks = nn.Sequential(block(4, 4), block(4, 6, 2, nn.Conv2d(4, 6, 1, 2)))
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))


def _swin() -> nn.Module:
    return torchvision.models.SwinTransformer([2, 2], 8, [2], [2], [2, 2], num_classes=3)


ARCHITECTURES: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "resnet": (Residual, 16),
    "densenet": (_densenet, 32),
    "mobilenet v3": (_mobilenet, 16),
    "convnext": (_convnext, 16),
    "vit": (Encoder, 16),
    "swin": (_swin, 16),
}


def test_a_mix_up_of_samples_is_noticed_where_all_gradients_have_one_sign() -> None:
    """Positions come first, and all of one sample have one δ: |g| has the right sum either way."""
    model = Apply(lambda m, x: m.a(x.transpose(0, 1)).mean(0), a=nn.Linear(5, 3)).double()
    nn.init.ones_(model.a.weight)
    x = torch.rand(N, 4, 5, dtype=torch.float64)
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_architectures_take_the_closed_form(name: str) -> None:
    build, pixels = ARCHITECTURES[name]
    torch.manual_seed(1)
    model, x = build().double().eval(), _x(3, pixels, pixels)
    for buffer in model.buffers():
        if buffer.is_floating_point() and buffer.ndim == 1:
            nn.init.uniform_(buffer, 0.5, 1.5)
    assert set(me.explain(model, x).values()) == {"closed form"}
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)


def _alexnet() -> nn.Module:
    """AlexNet with fewer hidden units: the 54 million weights of its own only take time."""
    model = torchvision.models.alexnet(num_classes=4)
    for k, sizes in ((1, (256 * 6 * 6, 16)), (4, (16, 16)), (6, (16, 4))):
        model.classifier[k] = nn.Linear(*sizes)
    return model


def _convnext_thin() -> nn.Module:
    """A ConvNeXt with the stages and blocks of the tiny one, and an eighth of its channels."""
    from torchvision.models.convnext import CNBlockConfig, ConvNeXt

    widths = (12, 24, 48, 96, None)
    blocks = zip(widths, widths[1:], (3, 3, 9, 3), strict=False)
    return ConvNeXt([CNBlockConfig(*sizes) for sizes in blocks], 0.1, num_classes=4)


def _swin_thin() -> nn.Module:
    """A Swin transformer with the stages and windows of the tiny one, and a quarter as wide."""
    return torchvision.models.SwinTransformer(
        [4, 4], 24, [2, 2, 6, 2], [3, 6, 12, 24], [7, 7], num_classes=4
    )


BIG: dict[str, Callable[[], nn.Module]] = {
    "resnet18": lambda: torchvision.models.resnet18(num_classes=4),
    "mobilenet_v3_small": lambda: torchvision.models.mobilenet_v3_small(num_classes=4),
    "densenet121": lambda: torchvision.models.densenet121(num_classes=4),
    "convnext_tiny, thin": _convnext_thin,
    "alexnet, few hidden units": _alexnet,
    "swin_t, thin": _swin_thin,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BIG)
def test_torchvisions_networks(name: str) -> None:
    torch.manual_seed(1)
    model = BIG[name]().double().eval()
    x = _x(3, 64, 64)[:3]  # one more than the trial takes
    contract.assert_close(me.mas(model, x, memory=2**31), reference.mas(model, x), 1e-9)


LAYERS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "rms norm": (lambda: nn.Sequential(nn.Linear(5, 4), nn.RMSNorm(4), nn.Linear(4, 3)), (5,)),
    "attention": (
        lambda: Apply(
            lambda m, x: m.out(m.attention(x, x, x)[0].mean(1)),
            attention=nn.MultiheadAttention(6, 2, batch_first=True),
            out=nn.Linear(6, 3),
        ),
        (4, 6),
    ),
    "attention, sequence first": (
        lambda: Apply(
            lambda m, x: m.out(m.attention(*3 * (x.transpose(0, 1),))[0].mean(0)),
            attention=nn.MultiheadAttention(6, 2),
            out=nn.Linear(6, 3),
        ),
        (4, 6),
    ),
    "attention with keys of another width": (
        lambda: Apply(
            lambda m, x: m.out(m.attention(x, x[..., :4], x[..., :5])[0].mean(1)),
            attention=nn.MultiheadAttention(6, 2, kdim=4, vdim=5, batch_first=True),
            out=nn.Linear(6, 3),
        ),
        (4, 6),
    ),
    "frames of a film": (
        lambda: Apply(
            lambda m, x: m.c(x.flatten(0, 1)).tanh().flatten(1).unflatten(0, (len(x), -1)).sum(1),
            c=nn.Conv2d(2, 1, 3),
        ),
        (4, 2, 5, 5),
    ),
    "transposed convolution in groups": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2),
            nn.Tanh(),
            nn.Flatten(),
            nn.Linear(216, 3),
        ),
        (4, 3, 3),
    ),
    "gru": (
        lambda: Apply(
            lambda m, x: m.out(m.gru(x)[0][:, -1]),
            gru=nn.GRU(5, 4, batch_first=True),
            out=nn.Linear(4, 3),
        ),
        (4, 5),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_take_the_closed_form(name: str) -> None:
    build, shape = LAYERS[name]
    torch.manual_seed(2)
    model, x = build().double(), _x(*shape)
    assert set(me.explain(model, x).values()) == {"closed form"}
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)


INTERACTING = {
    "centred over the batch": lambda m, x: m.a(x - x.mean(0)),
    "…where no gradient goes": lambda m, x: m.a(x - x.detach().mean(0)) + m.a(x).sin(),
    "a score against the others": lambda m, x: m.a(x).softmax(0),
}


@pytest.mark.parametrize("name", INTERACTING)
def test_samples_that_interact_take_the_loop(name: str) -> None:
    model, x = Apply(INTERACTING[name], a=nn.Linear(5, 3)).double(), _x(5)
    assert set(me.explain(model, x).values()) == {"loop"}
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-12)


def test_a_moving_average_of_the_batch_is_noticed() -> None:
    class Moving(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(5, 3)
            self.register_buffer("mean", torch.zeros(5))

        def forward(self, x: Tensor) -> Tensor:
            self.mean = 0.9 * self.mean + 0.1 * x.detach().mean(0)
            return self.a(x - self.mean)

    model, x = Moving().double(), _x(5)
    assert set(me.explain(model, x).values()) == {"loop"}
    for _ in range(2):  # whether this is known before or found out, sample follows sample
        contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-12)


def test_samples_that_interact_at_the_end_of_a_batch_take_the_loop() -> None:
    model = Apply(
        lambda m, x: m.a(x + torch.cat([torch.zeros_like(x[:4]), x[:-4]])), a=nn.Linear(5, 3)
    ).double()
    contract.assert_close(me.mas(model, _x(5)), reference.mas(model, _x(5)), 1e-12)


def test_equal_samples_do_not_hide_that_they_interact() -> None:
    model = Apply(INTERACTING["centred over the batch"], a=nn.Linear(5, 3)).double()
    equal = torch.ones(N, 5, dtype=torch.float64)
    expected = reference.mas(model, torch.cat([equal, _x(5)]))
    contract.assert_close(me.mas(model, [equal, _x(5)]), expected)


class Heads(nn.Module):
    """A model with an attribute that chooses its head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(5, 4)
        self.heads = nn.ModuleList([nn.Linear(4, 3), nn.Linear(4, 3)])
        self.task, self.centred, self.settings = 0, False, {"scale": [1.0]}

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.detach().mean(0) if self.centred else x
        return self.heads[self.task](self.body(x * self.settings["scale"][0]).tanh())


def _other_head(model: Heads) -> None:
    model.task = 1


def _centre(model: Heads) -> None:
    model.centred = True


def _scale(model: Heads) -> None:
    model.settings["scale"][0] = 3.0


def _freeze(model: Heads) -> None:
    model.body.weight.requires_grad_(False)


def _tie(model: Heads) -> None:
    model.heads[0].weight = model.heads[1].weight


def _hook(model: Heads) -> None:
    model.body.register_forward_hook(lambda _m, _x, y: y - y.detach().mean(0))


def _replace_forward(model: Heads) -> None:
    forward = model.body.forward
    model.body.forward = lambda x: forward(x - x.detach().mean(0))  # type: ignore[method-assign]


CHANGES = [_other_head, _centre, _scale, _freeze, _tie, _hook, _replace_forward]


@pytest.mark.parametrize("change", CHANGES)
def test_a_model_that_changed_has_no_plan(change: Callable) -> None:
    model, x = Heads().double(), _x(5)
    me.mas(model, x)
    change(model)
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)


CENTRED = False


def test_a_global_name_that_forward_reads_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(m: Apply, x: Tensor) -> Tensor:
        return m.a(x - x.detach().mean(0) if CENTRED else x)

    model, x = Apply(forward, a=nn.Linear(5, 3)).double(), _x(5)
    me.mas(model, x)
    monkeypatch.setattr("tests.importance.test_plans.CENTRED", True)
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """Record each trial by its model."""
    plan_cache.forget()
    seen: list[nn.Module] = []

    def find(scored, x, scores, graph):
        seen.append(scored.model)
        return trial.find_plan(scored, x, scores, graph)

    monkeypatch.setattr(routing, "find_plan", find)
    return seen


def test_networks_of_pytorch_layers_share_a_plan(trials: list) -> None:
    for _ in range(3):
        me.mas(nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3)).double(), _x(5))
    assert len(trials) == 1
    me.mas(nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double(), _x(5))
    assert len(trials) == 2


def test_other_networks_have_their_own_plans(trials: list) -> None:
    first, second = Heads().double(), Heads().double()
    for model in (first, first, second, first):
        me.mas(model, _x(5))
    assert trials == [first, second]


def test_a_tally_fed_batch_by_batch_plans_once(trials: list) -> None:
    model, x = Heads().double(), torch.randn(30, 5, dtype=torch.float64)
    both = sum(me.Tally.of(model, part) for part in x.split(10))
    assert len(trials) == 1
    contract.assert_close(both.mean(), reference.mas(model, x), 1e-9)


@dataclass
class Settings:
    centred: bool = False


def test_settings_are_part_of_a_model(trials: list) -> None:
    class Model(Heads):
        def __init__(self) -> None:
            super().__init__()
            self.config = Settings()

        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x - x.detach().mean(0) if self.config.centred else x)

    model, x = Model().double(), _x(5)
    for _ in range(2):
        contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)
    assert len(trials) == 1
    model.config.centred = True
    contract.assert_close(me.mas(model, x), reference.mas(model, x), 1e-9)
    assert len(trials) == 2


class Opaque:
    centred = False


def test_nothing_is_kept_for_a_model_that_cannot_be_compared(trials: list) -> None:
    class Model(Heads):
        def __init__(self) -> None:
            super().__init__()
            self.opaque = Opaque()

        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x - x.detach().mean(0) if self.opaque.centred else x)

    model = Model().double()
    me.mas(model, _x(5))
    model.opaque.centred = True
    contract.assert_close(me.mas(model, _x(5)), reference.mas(model, _x(5)), 1e-9)
    assert len(trials) == 2


@pytest.mark.parametrize("net", ["linear", "convolution"])
def test_the_result_is_the_same_with_and_without_a_plan(net: str) -> None:
    model = nn.Linear(5, 3) if net == "linear" else nn.Sequential(nn.Conv1d(1, 3, 3), nn.Flatten())
    x = torch.randn(40, 5) if net == "linear" else torch.randn(40, 1, 5)
    plan_cache.forget()
    first = me.mas(model, x)
    contract.assert_close(me.mas(model, x), first, 0)


def test_samples_go_one_by_one_where_few_fit_into_memory() -> None:
    model, x = nn.Sequential(nn.Conv1d(1, 3, 3), nn.Flatten()).double(), _x(1, 9)
    expected = reference.mas(model, x)
    contract.assert_close(me.mas(model, x, memory=1), expected, 1e-12)
    contract.assert_close(me.mas(model, x, memory=2**30), expected, 1e-12)
    with pytest.raises(ValueError, match="memory: "):
        me.mas(model, x, memory=0)


def test_samples_that_interact_in_large_batches_alone_take_the_loop() -> None:
    model = Apply(lambda m, x: m.a(x - x.mean(0) if len(x) > 8 else x), a=nn.Linear(5, 3)).double()
    x = torch.cat([_x(5), _x(5) + 1])
    assert len(x) > 8
    contract.assert_close(me.mas(model, [x[:5], x[5:]]), reference.mas(model, x), 1e-12)


def test_warnings_for_pytorchs_makers_do_not_reach_the_reader() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.randn(4, 5, dtype=torch.float64))

        def forward(self, x: Tensor) -> Tensor:
            return torch.cdist(x, self.w)

    model = Odd()
    assert set(me.explain(model, _x(5)).values()) == {"vmap"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = me.mas(model, _x(5))
    contract.assert_close(found, reference.mas(model, _x(5)), 1e-9)


@pytest.mark.parametrize(
    ("memory", "first", "again"),
    [(None, [1, N, 1, 1, 2, 1], [N, 1, 1]), (1, [1] * N, [1] * N)],
    ids=["together", "one by one"],
)
def test_a_sample_goes_through_the_model_no_more_often_than_need_be(
    memory: int | None, first: list[int], again: list[int]
) -> None:
    """First its size is measured; then the batch, two samples alone and together, the last alone.

    What is measured counts where samples go one by one. A known model is asked only whether the
    first and the last sample of the batch are alone what they are in it.
    """
    seen: list[int] = []

    def forward(m: Apply, x: Tensor) -> Tensor:
        seen.append(len(x))
        return m.a(x)

    model, x = Apply(forward, a=nn.Linear(5, 3)).double(), _x(5)
    for expected in (first, again):
        seen.clear()
        me.mas(model, x, memory=memory)
        assert seen == expected
