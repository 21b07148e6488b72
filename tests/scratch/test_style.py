"""The style-based generator in NumPy: values by hand, gradients by differences, refusals."""

import numpy as np
import pytest

from nnbook import nn
from nnbook.scratch.gradcheck import gradcheck
from nnbook.scratch.style import (
    AdaIN,
    MappingNetwork,
    NoiseInjection,
    StyleBlock,
    StyleGenerator,
    style_mixing,
    truncate,
)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def generator(channels=(4, 3), **options):
    """A small one, with noise that counts."""
    model = StyleGenerator(channels, **{"latent": 3, "style": 4, "start": 2, "rng": 0} | options)
    for i, block in enumerate(model.blocks):
        block.noise.weight.data[...] = drawn(len(block.noise.weight.data), seed=i)
    return model


class WithNoise(nn.Module):
    """A layer and its noise, for noise is no input that has a gradient."""

    def __init__(self, layer, noise):
        self.layer, self.noise = layer, noise

    def forward(self, *inputs):
        return self.layer(*inputs, self.noise)

    def backward(self, grad_output):
        return self.layer.backward(grad_output)


# AdaIN


def test_adain_by_hand():
    layer = AdaIN(1, 2, eps=0.0, rng=0)
    layer.affine.load_state_dict({"weight": [[1], [0], [0], [2]], "bias": [0, 3, 0, 0]})
    x = np.array([[[[0.0, 2.0]], [[5.0, 3.0]]]])  # means 1 and 4, deviations 1 and 1
    # w = 10: scales (10, 3), shifts (0, 20)
    np.testing.assert_allclose(layer(x, np.array([[10.0]])), [[[[-10, 10]], [[23, 17]]]])


def test_adain_leaves_nothing_of_the_old_mean_and_size():
    x, w = drawn(5, 4, 6, 6), drawn(5, 3, seed=1)
    layer = AdaIN(3, 4, rng=0)
    scale, shift = np.split(layer.affine(w), 2, axis=1)
    for given in (x, 100 * x + 7):
        y = layer(given, w)
        np.testing.assert_allclose(y.mean(axis=(2, 3)), shift, atol=1e-9)
        np.testing.assert_allclose(y.std(axis=(2, 3)), abs(scale), rtol=1e-3)


def test_adain_starts_as_the_identity_for_a_style_of_zero():
    layer = AdaIN(3, 4, rng=0)
    y = layer(drawn(2, 4, 5, 5), np.zeros((2, 3)))
    np.testing.assert_allclose(y.mean(axis=(2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=(2, 3)), 1, rtol=1e-4)


@pytest.mark.parametrize("shape", [(3, 2, 4, 4), (1, 1, 1, 5), (2, 3, 3, 1), (2, 2, 1, 1)])
def test_adain_gradients(shape):
    gradcheck(AdaIN(3, shape[1], rng=0), drawn(*shape), drawn(shape[0], 3, seed=1))


def test_adain_of_a_flat_map_is_its_shift():
    layer = AdaIN(2, 1, rng=0)
    w = drawn(1, 2)
    y = layer(np.full((1, 1, 3, 3), 1e4), w)
    np.testing.assert_allclose(y, np.full((1, 1, 3, 3), layer.affine(w)[0, 1]))
    assert np.isfinite(layer.backward(np.ones_like(y))[0]).all()


# The mapping network


def test_mapping_by_hand():
    mapping = MappingNetwork(2, 1, layers=2, rng=0)
    mapping.load_state_dict(
        {"0.weight": [[1, -1]], "0.bias": [0], "2.weight": [[10]], "2.bias": [1]}
    )
    # (3, 1) / sqrt(5) -> 2 / sqrt(5) -> 20 / sqrt(5) + 1; (1, 3) -> -2 / sqrt(5) * 0.2 -> ...
    root = np.sqrt(5)
    below = 10 * (-0.2 * 2 / root) + 1
    wanted = [[20 / root + 1], [0.2 * below]]
    np.testing.assert_allclose(mapping(np.array([[3.0, 1.0], [1.0, 3.0]])), wanted, rtol=1e-6)


@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 3)])
def test_mapping_gradients(shape):
    gradcheck(MappingNetwork(3, 4, layers=3, rng=0), drawn(*shape))


def test_mapping_forgets_the_length_and_so_has_no_slope_along_it():
    mapping, z = MappingNetwork(3, 4, rng=0), drawn(6, 3)
    np.testing.assert_allclose(mapping(z), mapping(1000 * z), rtol=1e-6)
    grad = mapping.backward(drawn(6, 4, seed=1)) * 1000
    assert abs((grad * z).sum(axis=1)).max() < 1e-6 < abs(grad).max()


def test_mapping_survives_a_latent_of_zero():
    mapping = MappingNetwork(3, 4, rng=0)
    assert np.isfinite(mapping(np.zeros((1, 3)))).all()
    assert np.isfinite(mapping.backward(np.ones((1, 4)))).all()


def test_a_slice_of_a_mapping_network_is_a_sequential():
    mapping = MappingNetwork(3, 4, rng=0)
    assert type(mapping[:2]) is nn.Sequential


# Noise and blocks


def test_noise_starts_at_nothing_and_its_gradient_is_right():
    layer, x, noise = NoiseInjection(3), drawn(2, 3, 4, 4), drawn(2, 1, 4, 4, seed=1)
    np.testing.assert_array_equal(layer(x, noise), x)
    layer.weight.data[...] = [1.0, -2.0, 0.0]
    np.testing.assert_allclose(layer(x, noise)[:, 1] - x[:, 1], -2 * noise[:, 0])
    gradcheck(WithNoise(layer, noise), x)


@pytest.mark.parametrize(("inputs", "upsample"), [(None, False), (3, False), (3, True)])
def test_block_gradients(inputs, upsample):
    block = StyleBlock(inputs, 2, style=4, upsample=upsample, rng=0)
    block.noise.weight.data[...] = [0.5, -1.0]
    x = drawn(3, inputs or 2, 3, 2)
    noise = drawn(3, 1, *((6, 4) if upsample else (3, 2)), seed=1)
    gradcheck(WithNoise(block, noise), x, drawn(3, 4, seed=2))


def test_a_block_enlarges_each_pixel_to_four():
    block = StyleBlock(1, 1, style=1, upsample=True, rng=0)
    seen = []
    block.conv.forward = lambda x: seen.append(x) or x
    block(np.array([[[[1.0, 2.0]]]]), np.zeros((1, 1)), np.zeros((1, 1, 2, 4)))
    np.testing.assert_array_equal(seen[0], [[[[1, 1, 2, 2], [1, 1, 2, 2]]]])


# The generator


@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 3)])
def test_generator_gradients(shape):
    gradcheck(generator(), drawn(*shape), max_entries=25)


def test_backward_may_be_called_twice_and_adds_up():
    model, z, grad = generator(), drawn(2, 3), drawn(2, 3, 4, 4, seed=1)
    model(z)
    first = model.backward(grad)
    once = [p.grad.copy() for p in model.parameters()]
    np.testing.assert_allclose(model.backward(grad), first)
    for p, g in zip(model.parameters(), once, strict=True):
        np.testing.assert_allclose(p.grad, 2 * g)


def test_one_latent_for_all_layers_is_the_same_latent_for_each():
    model, z = generator(), drawn(3, 3)
    w = model.styles(z)
    np.testing.assert_array_equal(w, model.styles(np.repeat(z[:, None], model.layers, axis=1)))
    noise = model.draw_noise(3, rng=1)
    model.synthesize(w, noise)
    each = model.synthesize_backward(np.ones((3, 3, 4, 4)))
    assert each.shape == w.shape
    model.draw_noise = lambda n: noise
    model(z)
    by_z = model.backward(np.ones((3, 3, 4, 4)))
    model.mapping(z)
    np.testing.assert_allclose(model.mapping.backward(each.sum(axis=1)), by_z)


def test_a_style_reaches_only_its_layer_and_those_behind_it():
    model = generator((4, 4))
    w = model.styles(drawn(2, 3))
    noise = model.draw_noise(2, rng=0)
    seen = []
    for changed in (None, *range(model.layers)):
        other = w.copy()
        if changed is not None:
            other[:, changed] += 1
        x, maps = np.repeat(model.constant.data, 2, axis=0), []
        for i, block in enumerate(model.blocks):
            x = block(x, other[:, i], noise[i])
            maps.append(x)
        seen.append(maps)
    for changed, maps in enumerate(seen[1:]):
        same = [bool((a == b).all()) for a, b in zip(maps, seen[0], strict=True)]
        assert same == [i < changed for i in range(model.layers)]


def test_noise_is_fresh_unless_given():
    model = generator()
    w = model.styles(drawn(2, 3))
    assert (model.synthesize(w) != model.synthesize(w)).any()
    a, b = (model.synthesize(w, model.draw_noise(2, rng=5)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_the_start_follows_the_seed_and_has_its_size():
    a, b, c = (StyleGenerator((64, 32), rng=seed).state_dict() for seed in (0, 0, 1))
    for key, value in a.items():
        np.testing.assert_array_equal(value, b[key])
        if key.endswith("conv.weight"):
            assert abs(value.std() * np.sqrt(value[0].size / 2) - 1) < 0.1, key
            assert (value != c[key]).any()
    assert abs(a["constant"].std() - 1) < 0.1


def test_sizes_layers_and_an_empty_batch():
    model = StyleGenerator((4, 3, 2), start=3, colors=1, rng=0)
    assert (model.layers, model.size) == (6, 12)
    assert model(drawn(2, 8)).shape == (2, 1, 12, 12)
    assert model(drawn(1, 8)).shape == (1, 1, 12, 12)


def test_float32_stays_float32():
    model = generator(dtype=np.float32)
    y = model(drawn(2, 3).astype(np.float32))
    assert y.dtype == model.backward(np.ones_like(y)).dtype == np.float32
    assert all(p.grad.dtype == np.float32 for p in model.parameters())


def test_memory_order_does_not_matter():
    model, z = generator(), drawn(4, 3)
    w, noise = model.styles(z), model.draw_noise(4, rng=0)
    wanted = model.synthesize(w, noise)
    np.testing.assert_array_equal(model.synthesize(np.asfortranarray(w), noise), wanted)
    np.testing.assert_array_equal(model.styles(np.asfortranarray(z)), w)


# What is drawn


def test_style_mixing_has_one_crossover():
    z = style_mixing(5, 3, probability=1.0)(2000, np.random.default_rng(0))
    changes = (z[:, 1:] != z[:, :-1]).any(axis=2)  # (N, 4)
    assert (changes.sum(axis=1) == 1).all()
    share = changes.mean(axis=0)  # every crossover as often as the others
    assert abs(share - 0.25).max() < 0.05
    assert abs(z.mean()) < 0.05 < 0.95 < z.std() < 1.05


@pytest.mark.parametrize("probability", [0.0, 0.5, 0.9])
def test_style_mixing_happens_as_often_as_asked(probability):
    z = style_mixing(4, 2, probability)(4000, np.random.default_rng(0))
    assert abs((z[:, 0] != z[:, -1]).any(axis=1).mean() - probability) < 0.03


def test_one_layer_cannot_be_mixed():
    assert style_mixing(1, 2)(3, np.random.default_rng(0)).shape == (3, 1, 2)


def test_truncation():
    w, center = drawn(3, 4, 2), np.array([1.0, -1.0])
    np.testing.assert_array_equal(truncate(w, center, 1.0), center + (w - center))
    np.testing.assert_array_equal(truncate(w, center, 0.0), np.broadcast_to(center, w.shape))
    distance = np.linalg.norm(w - center, axis=-1)
    np.testing.assert_allclose(
        np.linalg.norm(truncate(w, center, 0.3) - center, axis=-1), 0.3 * distance
    )


def test_refusals():
    model = generator()
    with pytest.raises(ValueError, match=r"z has shape \(2, 5\); expected \(N, 3\) or \(N, L, 3\)"):
        model(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"w has shape \(2, 3, 4\); the generator expects \(N, 4"):
        model(np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match=r"w has shape \(2, 4\)"):
        model.synthesize(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="noise has 1 maps; the generator has 4 layers"):
        model.synthesize(np.zeros((2, 4, 4)), [np.zeros((2, 1, 2, 2))])
    with pytest.raises(ValueError, match=r"noise has shape \(2, 1, 3, 3\); x has \(2, 4, 2, 2\)"):
        model.synthesize(np.zeros((2, 4, 4)), [np.zeros((2, 1, 3, 3))] * 4)
    with pytest.raises(TypeError, match="z has dtype float32; weight has float64"):
        model(np.zeros((2, 3), dtype=np.float32))
    with pytest.raises(ValueError, match=r"x has 2 examples; w has 3"):
        AdaIN(1, 1, rng=0)(np.zeros((2, 1, 2, 2)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"x has shape \(2, 2, 2\); the layer expects \(N, 3, H"):
        AdaIN(1, 3, rng=0)(np.zeros((2, 2, 2)), np.zeros((2, 1)))
    layer = NoiseInjection(1)
    layer(np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 2, 2)))
    with pytest.raises(ValueError, match=r"grad_output has shape \(1, 1\)"):
        layer.backward(np.zeros((1, 1)))
    with pytest.raises(ValueError, match="channels is empty"):
        StyleGenerator(())
    with pytest.raises(ValueError, match=r"channels\[1\] is 0"):
        StyleGenerator((4, 0))
    with pytest.raises(TypeError, match=r"latent must be a whole number, not 2\.5"):
        StyleGenerator((4,), latent=2.5)
    with pytest.raises(ValueError, match=r"probability is 1\.5"):
        style_mixing(4, 2, 1.5)
    with pytest.raises(ValueError, match=r"w has shape \(2, 3\); expected \(N, 2\)"):
        truncate(np.zeros((2, 3)), np.zeros(2), 0.5)
    with pytest.raises(RuntimeError, match="before forward"):
        StyleGenerator((4,), rng=0).backward(np.zeros((1, 3, 4, 4)))
