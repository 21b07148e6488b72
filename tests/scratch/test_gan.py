"""The adversarial game: its losses, its penalty, its loop, and the numbers that judge it."""

import copy

import numpy as np
import pytest

from nnbook import nn, optim
from nnbook.scratch.gan import (
    discriminator_loss,
    frechet_distance,
    generator_loss,
    gradient_penalty,
    modes_covered,
    train_gan,
)

LOSSES = ("non-saturating", "saturating", "wasserstein")
rng = np.random.default_rng(0)


def net(*sizes, seed=0, activation=nn.Tanh):
    layers, generator = [], np.random.default_rng(seed)
    for k in range(1, len(sizes)):
        layers += [nn.Linear(sizes[k - 1], sizes[k], rng=generator), activation()]
    return nn.Sequential(*layers[:-1])


def differences(f, x, e=1e-6):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        there, back = x.copy(), x.copy()
        there[i] += e
        back[i] -= e
        grad[i] = (f(there) - f(back)) / (2 * e)
    return grad


def test_losses_by_hand():
    half = np.log(2)
    assert discriminator_loss([0.0, 0.0], [0.0])[0] == pytest.approx(2 * half)
    assert generator_loss([0.0])[0] == pytest.approx(half)
    assert generator_loss([0.0], "saturating")[0] == pytest.approx(-half)
    assert discriminator_loss([3.0, 1.0], [-1.0], "wasserstein")[0] == pytest.approx(-3.0)
    assert generator_loss([3.0, 1.0], "wasserstein")[0] == pytest.approx(-2.0)
    value, by_real, by_fake = discriminator_loss([np.log(3)], [-np.log(3)])  # three to one
    assert value == pytest.approx(2 * np.log(4 / 3))
    assert by_real == pytest.approx(-0.25)
    assert by_fake == pytest.approx(0.25)


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_of_the_losses_are_slopes(loss):
    real, fake = rng.normal(0, 3, (5, 1)), rng.normal(0, 3, (4, 1))
    _, by_real, by_fake = discriminator_loss(real, fake, loss)
    assert np.allclose(by_real, differences(lambda s: discriminator_loss(s, fake, loss)[0], real))
    assert np.allclose(by_fake, differences(lambda t: discriminator_loss(real, t, loss)[0], fake))
    _, grad = generator_loss(fake, loss)
    assert np.allclose(grad, differences(lambda t: generator_loss(t, loss)[0], fake))


@pytest.mark.parametrize("loss", LOSSES)
def test_huge_scores_stay_finite(loss):
    scores = np.array([1e4, -1e4])
    value, by_real, by_fake = discriminator_loss(scores, scores, loss)
    assert np.isfinite([value, *by_real, *by_fake]).all()
    value, grad = generator_loss(scores, loss)
    assert np.isfinite([value, *grad]).all()


def test_one_that_fools_nobody_learns_by_one_loss_and_not_by_the_other():
    assert generator_loss([-20.0])[1][0] == pytest.approx(-1, abs=1e-8)
    assert abs(generator_loss([-20.0], "saturating")[1][0]) < 1e-8


@pytest.mark.parametrize("activation", [nn.Tanh, nn.LeakyReLU, nn.Softplus])
@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
def test_the_penaltys_gradient_is_its_slope(activation, target):
    model, x = net(3, 8, 8, 1, activation=activation), rng.normal(size=(6, 3))
    gradient_penalty(model, x, target=target, weight=2.0)

    def price(values, name):
        other = copy.deepcopy(model)
        dict(other.named_parameters())[name].data[:] = values
        return gradient_penalty(other, x, target=target, weight=2.0)

    for name, parameter in model.named_parameters():
        slope = differences(lambda values, name=name: price(values, name), parameter.data)
        mine = np.zeros_like(slope) if parameter.grad is None else parameter.grad
        assert np.allclose(mine, slope, rtol=1e-4, atol=1e-6), name


def test_the_penalty_of_a_convolutional_discriminator_too():
    layers = (nn.Conv2d(2, 3, 2, rng=1), nn.Tanh(), nn.Flatten(), nn.Linear(12, 1, rng=2))
    model, x = nn.Sequential(*layers), rng.normal(size=(4, 2, 3, 3))
    gradient_penalty(model, x, target=0.5, weight=1.0)
    weight = layers[0].weight
    mine = weight.grad.copy()

    def price(values):
        weight.data[:] = values
        return gradient_penalty(model, x, target=0.5, weight=1.0)

    assert np.allclose(mine, differences(price, weight.data.copy()), rtol=1e-4, atol=1e-7)


def test_the_penalty_adds_to_what_is_there_and_changes_nothing_else():
    model, x = net(2, 4, 1), rng.normal(size=(5, 2))
    gradient_penalty(model, x)
    once = [p.grad.copy() if p.grad is not None else None for p in model.parameters()]
    before = [p.data.copy() for p in model.parameters()]
    kept = x.copy()
    gradient_penalty(model, x)
    for parameter, grad, data in zip(model.parameters(), once, before, strict=True):
        assert grad is None or np.allclose(parameter.grad, 2 * grad, rtol=1e-6, atol=1e-9)
        assert (parameter.data == data).all()
    assert (x == kept).all()


def test_a_flat_discriminator_has_a_penalty_and_no_direction():
    model = nn.Linear(2, 1, rng=0)
    model.weight.data[:] = 0
    assert gradient_penalty(model, np.ones((3, 2))) == 10
    assert model.weight.grad is None or (model.weight.grad == 0).all()


@pytest.mark.parametrize(
    ("x", "settings", "error", "words"),
    [
        (np.ones((3, 2), np.float32), {}, TypeError, "float32"),
        (np.ones((0, 2)), {}, ValueError, "no examples"),
        (np.ones((3, 2)), {"target": -1.0}, ValueError, "target is -1.0"),
        (np.ones((3, 2)), {"weight": np.nan}, ValueError, "weight is nan"),
        (np.ones((3, 5)), {}, ValueError, "5"),
    ],
)
def test_penalties_that_mean_nothing_are_refused(x, settings, error, words):
    with pytest.raises(error, match=words):
        gradient_penalty(nn.Linear(2, 1, rng=0), x, **settings)


def game(seed=0, betas=(0.9, 0.999), **settings):
    g, d = net(2, 8, 1, seed=1), net(1, 8, 1, seed=2)
    data = np.random.default_rng(3).normal(4, 0.5, (200, 1))
    return g, train_gan(
        g, d, data, **{"latent": 2, "steps": 3, "batch_size": 16, "rng": seed} | settings,
        generator_optimizer=optim.Adam(g.parameters(), lr=0.01, betas=betas),
        discriminator_optimizer=optim.Adam(d.parameters(), lr=0.01, betas=betas),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_generator_learns_where_the_data_are(seed):
    g, history = game(seed, steps=600, penalty=(1.0, 0.0), betas=(0.0, 0.9))
    made = g(np.random.default_rng(9).normal(size=(500, 2)))
    assert abs(made.mean() - 4) < 1
    assert len(history.real) == len(history.penalty) == 600
    assert history.penalty[0] > 0


@pytest.mark.parametrize("loss", LOSSES)
def test_the_same_seed_gives_the_same_game(loss):
    first, second = (game(7, loss=loss, penalty=(1.0, 1.0), critic_steps=2)[1] for _ in range(2))
    assert first == second
    assert first != game(8, loss=loss, penalty=(1.0, 1.0), critic_steps=2)[1]


def test_the_discriminator_does_not_learn_from_the_generators_turn():
    g, d = net(2, 8, 1, seed=1), net(1, 8, 1, seed=2)
    before = d.state_dict()
    still = optim.SGD(d.parameters(), lr=1e-300)
    train_gan(g, d, np.ones((5, 1)), latent=2, steps=2, batch_size=4, generator_optimizer=optim.SGD(
        g.parameters(), lr=0.1), discriminator_optimizer=still)  # fmt: skip
    for name, values in d.state_dict().items():
        assert (values == before[name]).all()


def test_latents_may_come_from_a_function_and_steps_may_be_watched():
    asked, seen = [], []

    def latent(n, generator):
        asked.append(n)
        return generator.uniform(size=(n, 2))

    game(
        latent=latent, steps=2, on_step=lambda step, history: seen.append((step, len(history.real)))
    )
    assert asked == [16] * 4
    assert seen == [(0, 1), (1, 2)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"loss": "hinge"}, "'hinge'.*one of non-saturating"),
        ({"latent": 0}, "latent is 0"),
        ({"steps": -1}, "steps is -1"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"critic_steps": 0}, "critic_steps is 0"),
        ({"penalty": (-1.0, 1.0)}, "weight is -1.0"),
    ],
)
def test_games_that_cannot_be_played_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        game(**settings)


def test_no_data_and_scores_that_are_no_numbers_are_refused():
    g, d = net(2, 1), net(1, 1)
    optimizers = {"generator_optimizer": optim.SGD(g.parameters(), lr=1),
                  "discriminator_optimizer": optim.SGD(d.parameters(), lr=1)}  # fmt: skip
    with pytest.raises(ValueError, match="no examples"):
        train_gan(g, d, np.ones((0, 1)), latent=2, steps=1, batch_size=1, **optimizers)
    with pytest.raises(FloatingPointError, match="in step 0"):
        train_gan(g, d, np.full((4, 1), np.nan), latent=2, steps=1, batch_size=1, **optimizers)
    with pytest.raises(ValueError, match="real has no scores"):
        discriminator_loss([], [1.0])


def test_frechet_distance_by_hand_and_of_two_normal_distributions():
    a = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    assert frechet_distance(a, a) == 0
    assert frechet_distance(a, a + np.array([3, 4])) == pytest.approx(25)
    assert frechet_distance(a, 2 * a) == pytest.approx(2 * (np.sqrt(2 / 3) * (2 - 1)) ** 2)
    turned = a @ np.array([[0.6, -0.8], [0.8, 0.6]])
    assert frechet_distance(a, turned) == pytest.approx(0, abs=1e-9)
    x, y = rng.normal(0, 1, (20_000, 3)), rng.normal(1, 2, (20_000, 3))
    assert frechet_distance(x, y) == pytest.approx(3 + 3, rel=0.05)
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x))


def test_frechet_distance_equals_the_formula_with_a_general_root():
    linalg = pytest.importorskip("scipy.linalg")
    a, b = rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4)), rng.normal(size=(60, 4))
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    root = linalg.sqrtm(cov_a @ cov_b).real
    wanted = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(wanted)


def test_features_of_which_some_never_change():
    flat = np.column_stack([rng.normal(size=10), np.zeros(10)])
    assert frechet_distance(flat, flat + np.array([0, 2])) == pytest.approx(4)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (np.ones((4, 2)), np.ones((4, 3)), r"\(4, 2\) and \(4, 3\)"),
        (np.ones(4), np.ones(4), r"\(4,\)"),
        (np.ones((1, 2)), np.ones((4, 2)), "1 and 4 examples"),
    ],
)
def test_features_that_do_not_fit_are_refused(a, b, words):
    with pytest.raises(ValueError, match=words):
        frechet_distance(a, b)


def test_modes_covered_by_hand():
    centers = [[0, 0], [10, 0], [0, 10]]
    samples = [[0, 0.5], [0.5, 0], [10, 0.9], [5, 5]]
    assert modes_covered(samples, centers, 1.0) == (2, 0.75)
    assert modes_covered(samples, centers, 1.0, least=2) == (1, 0.75)
    assert modes_covered(samples, centers, 0.1) == (0, 0.0)
    for wrong in (([[0, 0, 0]], centers), (np.ones((0, 2)), centers), ([0, 0], centers)):
        with pytest.raises(ValueError, match="samples"):
            modes_covered(*wrong, 1.0)
