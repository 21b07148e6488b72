"""The style-based generator in PyTorch equals its NumPy twin, over several adversarial steps."""

import numpy as np
import pytest
import torch

from nnbook import nn, optim
from nnbook.pytorch import style as twin
from nnbook.scratch import style as scratch

SMALL = {"latent": 3, "style": 4, "start": 2}


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def pair(channels=(4, 3), seed=0, **options):
    """Both twins from one seed, with noise that counts."""
    ours = scratch.StyleGenerator(channels, rng=seed, **SMALL | options)
    theirs = twin.StyleGenerator(channels, rng=seed, device="cpu", **SMALL | options)
    for i, (block, block_t) in enumerate(zip(ours.blocks, theirs.blocks, strict=True)):
        weight = drawn(len(block.noise.weight.data), seed=i)
        block.noise.weight.data[...] = weight
        block_t.noise.weight.data = torch.from_numpy(weight)
    return ours, theirs


def close(ours, theirs, **kwargs):
    np.testing.assert_allclose(
        ours, theirs.detach().numpy(), **{"rtol": 1e-10, "atol": 1e-12} | kwargs
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_same_seed_gives_the_same_start(dtype):
    ours = scratch.StyleGenerator((4, 3, 2), rng=5, dtype=getattr(np, dtype))
    theirs = twin.StyleGenerator((4, 3, 2), rng=5, dtype=getattr(torch, dtype), device="cpu")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for key, value in theirs.state_dict().items():
        assert value.dtype == getattr(torch, dtype)
        np.testing.assert_array_equal(value.numpy(), ours.state_dict()[key])


@pytest.mark.parametrize("channels", [(4,), (4, 3), (2, 3, 2)])
@pytest.mark.parametrize("start", [1, 2, 3])
def test_same_pictures_and_gradients(channels, start):
    ours, theirs = pair(channels, start=start)
    for z in (drawn(5, 3), drawn(5, ours.layers, 3)):
        z_t = torch.tensor(z, requires_grad=True)
        pictures, pictures_t = ours(z), theirs(z_t)
        close(pictures, pictures_t)
        grad = drawn(*pictures.shape, seed=9)
        ours.zero_grad()
        theirs.zero_grad()
        pictures_t.backward(torch.from_numpy(grad))
        close(ours.backward(grad), z_t.grad, rtol=1e-7, atol=1e-9)
        for (name, p), (name_t, p_t) in zip(
            ours.named_parameters(), theirs.named_parameters(), strict=True
        ):
            assert name == name_t
            close(p.grad, p_t.grad, rtol=1e-7, atol=1e-8)


def test_adversarial_training_takes_the_same_steps():
    ours, theirs = pair()
    rngs = np.random.default_rng(0), np.random.default_rng(0)
    draws = [module.style_mixing(4, 3) for module in (scratch, twin)]
    critic = nn.Sequential(
        nn.Flatten(), nn.Linear(48, 8, rng=0), nn.LeakyReLU(0.2), nn.Linear(8, 1, rng=1)
    )
    critic_t = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(48, 8, dtype=torch.float64), torch.nn.LeakyReLU(0.2),
        torch.nn.Linear(8, 1, dtype=torch.float64),
    )  # fmt: skip
    critic_t.load_state_dict({k: torch.from_numpy(v) for k, v in critic.state_dict().items()})
    kind = {"lr": 1e-3, "betas": (0.0, 0.99)}
    optimizers = [optim.Adam(m.parameters(), **kind) for m in (ours, critic)]
    optimizers_t = [torch.optim.Adam(m.parameters(), **kind) for m in (theirs, critic_t)]
    for step in range(6):  # both play one game: only the signs differ
        sign, turn = (1.0, 0) if step % 2 else (-1.0, 1)
        z, z_t = draws[0](4, rngs[0]), draws[1](4, rngs[1])
        np.testing.assert_array_equal(z, z_t)
        for model in (ours, critic, theirs, critic_t):
            model.zero_grad()
        scores = critic(ours(z))
        ours.backward(critic.backward(sign * np.ones_like(scores)))
        scores_t = critic_t(theirs(torch.from_numpy(z_t)))
        (sign * scores_t).sum().backward()
        close(scores, scores_t, rtol=1e-7)
        optimizers[turn].step()
        optimizers_t[turn].step()
    for p, p_t in zip(ours.parameters(), theirs.parameters(), strict=True):
        close(p.data, p_t, atol=1e-6)


def test_noise_and_truncation_are_the_same():
    ours, theirs = pair()
    for a, b in zip(ours.draw_noise(3, rng=1), theirs.draw_noise(3, rng=1), strict=True):
        close(a, b, rtol=0, atol=0)
    w, center = drawn(3, 4), drawn(4, seed=1)
    moved = twin.truncate(torch.from_numpy(w), torch.from_numpy(center), 0.7)
    close(scratch.truncate(w, center, 0.7), moved)


def test_adain_alone():
    ours = scratch.AdaIN(3, 2, rng=0)
    theirs = twin.AdaIN(3, 2, rng=0)
    x, w = drawn(2, 2, 3, 3), drawn(2, 3)
    close(ours(x, w), theirs(torch.from_numpy(x), torch.from_numpy(w)))
    instance = torch.nn.functional.instance_norm(torch.from_numpy(x))
    scale, shift = theirs.affine(torch.from_numpy(w))[..., None, None].chunk(2, dim=1)
    close(ours(x, w), scale * instance + shift)


def test_refusals_are_those_of_the_twin():
    for module, zeros in (
        (scratch, np.zeros),
        (twin, lambda s: torch.zeros(s, dtype=torch.float64)),
    ):
        model = module.StyleGenerator((4, 3), rng=0, **SMALL)
        with pytest.raises(ValueError, match=r"z has shape \(2, 5\); expected \(N, 3\)"):
            model(zeros((2, 5)))
        with pytest.raises(ValueError, match="noise has 1 maps; the generator has 4 layers"):
            model.synthesize(zeros((2, 4, 4)), [zeros((2, 1, 2, 2))])
        with pytest.raises(ValueError, match=r"noise has shape \(2, 1, 3, 3\)"):
            model.synthesize(zeros((2, 4, 4)), [zeros((2, 1, 3, 3))] * 4)
        with pytest.raises(ValueError, match=r"x has 2 examples; w has 3"):
            module.AdaIN(1, 1, rng=0)(zeros((2, 1, 2, 2)), zeros((3, 1)))
        with pytest.raises(ValueError, match="channels is empty"):
            module.StyleGenerator(())
        with pytest.raises(ValueError, match=r"w has shape \(2, 3\); expected \(N, 2\)"):
            module.truncate(zeros((2, 3)), zeros((2,)), 0.5)
        with pytest.raises(TypeError, match="must be a whole number"):
            module.MappingNetwork(2, True)
        assert type(module.MappingNetwork(2, 3, rng=0)[:2]).__name__ == "Sequential"
