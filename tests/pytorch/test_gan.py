"""The adversarial game in PyTorch: equal to the one in NumPy."""

import numpy as np
import pytest
import torch

from nnbook import nn, optim
from nnbook.pytorch import gan as theirs
from nnbook.scratch import gan as ours

LOSSES = ("non-saturating", "saturating", "wasserstein")


def twins(sizes, activation, seed):
    """The same network twice."""
    rng = np.random.default_rng(seed)
    a, b = [], []
    for k in range(1, len(sizes)):
        layer = nn.Linear(sizes[k - 1], sizes[k], rng=rng)
        other = torch.nn.Linear(sizes[k - 1], sizes[k]).double()
        values = layer.state_dict().items()
        other.load_state_dict({name: torch.from_numpy(value) for name, value in values})
        a += [layer, getattr(nn, activation)()]
        b += [other, getattr(torch.nn, activation)()]
    return nn.Sequential(*a[:-1]), torch.nn.Sequential(*b[:-1])


@pytest.mark.parametrize("loss", LOSSES)
def test_the_losses_are_the_same(loss):
    rng = np.random.default_rng(0)
    real, fake = rng.normal(0, 5, (6, 1)), rng.normal(0, 5, (7, 1))
    s, t = (torch.from_numpy(x).requires_grad_(True) for x in (real, fake))
    value = theirs.discriminator_loss(s, t, loss)
    value.backward()
    mine, by_real, by_fake = ours.discriminator_loss(real, fake, loss)
    assert value.item() == pytest.approx(mine, rel=1e-12)
    assert np.allclose(s.grad, by_real, atol=1e-14)
    assert np.allclose(t.grad, by_fake, atol=1e-14)
    t.grad = None
    value = theirs.generator_loss(t, loss)
    value.backward()
    mine, grad = ours.generator_loss(fake, loss)
    assert value.item() == pytest.approx(mine, rel=1e-12)
    assert np.allclose(t.grad, grad, atol=1e-14)


@pytest.mark.parametrize("activation", ["Tanh", "LeakyReLU", "ReLU", "Softplus"])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_two_passes_backward_are_a_double_one(activation, target):
    a, b = twins((3, 16, 16, 1), activation, 1)
    x = np.random.default_rng(2).normal(size=(20, 3))
    mine = ours.gradient_penalty(a, x, target=target, weight=3.0)
    other = theirs.gradient_penalty(b, torch.from_numpy(x), target=target, weight=3.0)
    assert mine == pytest.approx(other, rel=1e-12)
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        grad = 0.0 if q.grad is None else q.grad.numpy()
        assert np.allclose(0.0 if p.grad is None else p.grad, grad, rtol=1e-6, atol=1e-8)


def test_a_flat_discriminator_has_a_penalty_and_no_direction():
    model = torch.nn.Linear(2, 1)
    torch.nn.init.zeros_(model.weight)
    assert theirs.gradient_penalty(model, torch.ones(3, 2)) == 10
    assert (model.weight.grad == 0).all()


@pytest.mark.parametrize(
    "settings",
    [{}, {"loss": "saturating"}, {"penalty": (0.1, 0.0)},
     {"loss": "wasserstein", "critic_steps": 3, "penalty": (10.0, 1.0)}],
    ids=["plain", "saturating", "R1", "wasserstein"],
)  # fmt: skip
def test_the_games_are_the_same(settings):
    (d, d_t), (g, g_t) = twins((2, 16, 1), "Tanh", 3), twins((4, 16, 2), "ReLU", 4)
    data = np.random.default_rng(5).normal(size=(100, 2))
    common = {"latent": 4, "steps": 20, "batch_size": 8, "rng": 1, **settings}
    mine = ours.train_gan(
        g, d, data, **common, generator_optimizer=optim.Adam(g.parameters(), lr=0.01),
        discriminator_optimizer=optim.Adam(d.parameters(), lr=0.01),
    )  # fmt: skip
    other = theirs.train_gan(
        g_t, d_t, torch.from_numpy(data), **common, device="cpu",
        generator_optimizer=torch.optim.Adam(g_t.parameters(), lr=0.01),
        discriminator_optimizer=torch.optim.Adam(d_t.parameters(), lr=0.01),
    )  # fmt: skip
    for name, values in vars(mine).items():
        np.testing.assert_allclose(getattr(other, name), values, rtol=0, atol=1e-7, err_msg=name)
    for p, q in zip(g.parameters(), g_t.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"loss": "hinge"}, "'hinge'"), ({"latent": 0}, "latent is 0"), ({"steps": -1}, "steps is -1"),
     ({"batch_size": 0}, "batch_size is 0"), ({"penalty": (1.0, -1.0)}, "target is -1.0")],
)  # fmt: skip
def test_games_that_cannot_be_played_are_refused(settings, words):
    g, d = torch.nn.Linear(2, 1), torch.nn.Linear(1, 1)
    common = {"latent": 2, "steps": 1, "batch_size": 4, "device": "cpu"} | settings
    optimizers = {
        "generator_optimizer": torch.optim.SGD(g.parameters(), lr=0.1),
        "discriminator_optimizer": torch.optim.SGD(d.parameters(), lr=0.1),
    }
    with pytest.raises(ValueError, match=words):
        theirs.train_gan(g, d, torch.ones(10, 1), **common, **optimizers)
    with pytest.raises(FloatingPointError, match="in step 0"):
        theirs.train_gan(g, d, torch.full((4, 1), float("nan")), latent=2, steps=1, batch_size=1,
                         device="cpu", **optimizers)  # fmt: skip
    with pytest.raises(ValueError, match="no examples"):
        theirs.gradient_penalty(d, torch.ones(0, 1))
