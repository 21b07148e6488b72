"""Autoencoders in NumPy: values by hand, gradients against differences, what they must learn."""

import copy

import numpy as np
import pytest

from nnbook import data, nn, optim
from nnbook.scratch.autoencoder import (
    Autoencoder,
    ConvAutoencoder,
    Corruption,
    SparseAutoencoder,
    SparseLoss,
    VariationalAutoencoder,
    VariationalLoss,
    elbo,
    principal_angles,
    sparsity,
)
from nnbook.scratch.gradcheck import GradientError, gradcheck
from nnbook.scratch.training import evaluate, fit, predict


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# Angles


def test_angles_by_hand():
    x, y, z = np.eye(3)[:, :, None]
    np.testing.assert_allclose(principal_angles(x, y), [np.pi / 2])
    np.testing.assert_allclose(principal_angles(x, x + y), [np.pi / 4])
    np.testing.assert_allclose(principal_angles(x, -3 * x), [0], atol=1e-15)
    floor, wall = np.hstack([x, y]), np.hstack([x, z])
    np.testing.assert_allclose(principal_angles(floor, wall), [0, np.pi / 2], atol=1e-15)
    np.testing.assert_allclose(principal_angles(floor, x + y), [0], atol=1e-15)
    np.testing.assert_allclose(principal_angles(x + z, floor), [np.pi / 4])


def test_small_angles_keep_their_digits():
    for angle in (1e-12, 1e-9, 1e-4, 0.5, 1.0, 1.5707):
        line = np.array([[np.cos(angle)], [np.sin(angle)], [0.0]])
        np.testing.assert_allclose(principal_angles(np.eye(3)[:, :1], line), [angle], rtol=1e-4)


def test_angles_do_not_depend_on_the_basis_and_agree_with_scipy():
    linalg = pytest.importorskip("scipy.linalg")
    for seed in range(5):
        a, b = draw(9, 4, seed=seed), draw(9, 3, seed=seed + 50)
        angles = principal_angles(a, b)
        assert (np.diff(angles) >= 0).all()
        np.testing.assert_allclose(angles, linalg.subspace_angles(a, b)[::-1], atol=1e-12)
        turned = principal_angles(a @ draw(4, 4, seed=seed + 9), 1e5 * b @ draw(3, 3, seed=seed))
        np.testing.assert_allclose(turned, angles, atol=1e-9)
        np.testing.assert_allclose(principal_angles(b, a), angles, atol=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (np.ones((3, 1)), np.ones((4, 1)), r"\(3, 1\) and b \(4, 1\)"),
        (np.ones(3), np.ones((3, 1)), r"\(3,\) and b \(3, 1\)"),
        (np.ones((3, 2)), np.ones((3, 1)), "2 columns span only 1"),
        (np.zeros((3, 1)), np.ones((3, 1)), "1 columns span only 0"),
        (np.ones((3, 0)), np.ones((3, 1)), "0 columns span only 0"),
    ],
)
def test_what_spans_nothing_has_no_angles(a, b, words):
    with pytest.raises(ValueError, match=words):
        principal_angles(a, b)


# Ways forward and back


def test_a_projection_by_hand():
    model = Autoencoder((2, 1), rng=0)
    model.load_state_dict(
        {"encoder.0.weight": [[0.6, 0.8]], "encoder.0.bias": [0.0],
         "decoder.0.weight": [[0.6], [0.8]], "decoder.0.bias": [0.0, 0.0]}
    )  # fmt: skip
    x = np.array([[3.0, 4.0], [-4.0, 3.0]])
    np.testing.assert_allclose(model.encode(x), [[5.0], [0.0]], atol=1e-15)
    np.testing.assert_allclose(model(x), [[3.0, 4.0], [0.0, 0.0]], atol=1e-15)


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity", nn.Softplus])
def test_gradients_of_a_deep_one(activation):
    gradcheck(Autoencoder((5, 4, 3, 2), activation, rng=0), draw(6, 5))


def test_gradients_of_a_convolutional_one():
    model = ConvAutoencoder(3, (2, 3), size=8, in_channels=2, activation="tanh", rng=0)
    gradcheck(model, draw(2, 2, 8, 8), max_entries=30)
    assert ConvAutoencoder(2, (3,), size=6, rng=0)(draw(4, 1, 6, 6)).shape == (4, 1, 6, 6)
    assert ConvAutoencoder(5, (4, 8, 8), 16, rng=0).encode(draw(4, 1, 16, 16)).shape == (4, 5)


def test_gradients_of_a_sparse_and_of_a_variational_one():
    gradcheck(SparseAutoencoder((5, 7), rng=0), draw(6, 5))
    gradcheck(SparseAutoencoder((5, 4, 7), "relu", "sigmoid", rng=0), draw(6, 5))
    gradcheck(VariationalAutoencoder((5, 4, 2), rng=0), draw(6, 5))
    gradcheck(VariationalAutoencoder((5, 4, 3, 2), "softplus", rng=1), draw(1, 5))


def check_loss(loss_fn, outputs, x):
    def backward(grad, *_):
        return loss_fn.backward(grad)

    gradcheck(lambda *out: np.asarray(loss_fn(out, x)), *outputs, backward=backward)


def test_gradients_of_the_losses():
    outputs, x = (draw(6, 5), draw(6, 7, seed=1)), draw(6, 5, seed=2)
    check_loss(SparseLoss(0.3), outputs, x)
    check_loss(SparseLoss(0.3, "kl", 0.2), (outputs[0], nn.functional.sigmoid(outputs[1])), x)
    drawn = (draw(6, 5), draw(6, 2, seed=1), draw(6, 2, seed=3))
    check_loss(VariationalLoss(0.7, std=0.4), drawn, x)
    check_loss(VariationalLoss(0.0), drawn, x)
    check_loss(VariationalLoss(), tuple(out.reshape(2, 3, -1)[:, :, 0] for out in drawn),
               x.reshape(2, 3, 5)[:, :, 0])  # fmt: skip


def test_a_wrong_gradient_is_seen():
    class Forgetful(VariationalAutoencoder):
        def backward(self, grad_output, grad_mean=None, grad_log_variance=None):
            return super().backward(grad_output, grad_mean, 0 * grad_log_variance)

    with pytest.raises(GradientError):
        gradcheck(Forgetful((5, 4, 2), rng=0), draw(6, 5))


def test_two_users_of_a_code_add_up():
    model, x = SparseAutoencoder((3, 2), code_activation="identity", rng=0), draw(4, 3)
    model(x)
    both = model.backward(np.ones((4, 3)), np.ones((4, 2)))
    first = model.backward(np.ones((4, 3)))
    second = model.backward(np.zeros((4, 3)), np.ones((4, 2)))
    np.testing.assert_allclose(both, first + second, rtol=1e-12)
    with pytest.raises(ValueError, match=r"grad_code has shape \(4, 3\); code has \(4, 2\)"):
        model.backward(np.ones((4, 3)), np.ones((4, 3)))


# Penalties and bounds


def test_sparsity_by_hand():
    value, grad = sparsity([[1.0, -2.0], [0.0, 3.0]])
    assert value == 3
    np.testing.assert_array_equal(grad, [[0.5, -0.5], [0, 0.5]])
    value, grad = sparsity([[0.2], [0.6]], "kl", target=0.1)  # the mean is 0.4
    assert value == pytest.approx(0.1 * np.log(0.25) + 0.9 * np.log(1.5))
    np.testing.assert_allclose(grad, np.full((2, 1), (0.9 / 0.6 - 0.1 / 0.4) / 2))


def test_silent_and_loud_units_cost_much_but_not_infinitely():
    for level, sign in ((0.0, -1), (1.0, 1)):
        value, grad = sparsity(np.full((3, 2), level), "kl", 0.05)
        assert 0 < value < 100
        assert np.isfinite(grad).all()
        assert (np.sign(grad) == sign).all()
    value, grad = sparsity(np.full((3, 2), 1.0, dtype=np.float32), "kl")
    assert np.isfinite(value)
    assert grad.dtype == np.float32


@pytest.mark.parametrize(
    ("code", "settings", "words"),
    [
        ([[1.0]], {"kind": "l2"}, "kind is 'l2'; it must be one of 'l1', 'kl'"),
        ([[1.0]], {"kind": "kl", "target": 1.0}, "target is 1.0"),
        ([[0.1, 1.5]], {"kind": "kl"}, "code goes from 0.1 to 1.5"),
        ([1.0], {}, r"code has shape \(1,\); expected \(N, units\)"),
        (np.ones((0, 2)), {}, r"code has shape \(0, 2\)"),
    ],
)
def test_codes_that_do_not_suit_the_penalty(code, settings, words):
    with pytest.raises(ValueError, match=words):
        sparsity(code, **settings)


def test_the_divergence_of_a_code_like_no_example_at_all_is_zero():
    x = draw(4, 3)
    reconstruction, divergence = elbo(x, x, np.zeros((4, 2)), np.zeros((4, 2)), std=1.0)
    assert divergence == 0
    assert reconstruction == pytest.approx(-1.5 * np.log(2 * np.pi))
    _, divergence = elbo(x, x, np.full((4, 2), 3.0), np.zeros((4, 2)))
    assert divergence == 9.0  # two numbers, half of 3 squared each
    _, divergence = elbo(x, x, np.zeros((4, 1)), np.full((4, 1), np.log(4)))
    assert divergence == pytest.approx((4 - 1 - np.log(4)) / 2)


def test_the_divergence_is_what_it_is_on_average_over_draws():
    mean, log_variance = np.array([[0.7, -1.2]]), np.array([[-1.0, 0.4]])
    z = mean + np.exp(log_variance / 2) * draw(200_000, 2)
    posterior = -((z - mean) ** 2 / np.exp(log_variance) + log_variance) / 2
    average = (posterior + z**2 / 2).sum(axis=1).mean()
    _, divergence = elbo(mean, mean, mean, log_variance)
    assert divergence == pytest.approx(average, rel=0.02)


def test_the_bound_is_below_the_likelihood_and_touches_it_at_the_true_posterior():
    # x = 2 z + noise of deviation s: everything is known. p(x) = N(0, 4 + s^2).
    s, x = 0.5, np.array([[1.3]])
    variance = 4 + s**2
    truth = -(x.item() ** 2) / (2 * variance) - np.log(2 * np.pi * variance) / 2
    center, spread = 2 * x / variance, np.full((1, 1), s**2 / variance)

    def bound(mean, v):  # the mean over z of the squared error has a closed form, too
        shift = np.sqrt((x - 2 * mean) ** 2 + 4 * v)
        first, second = elbo(shift, 0 * shift, mean, np.log(v), std=s)
        return first - second

    assert bound(center, spread) == pytest.approx(truth, rel=1e-12)
    for mean, v in ((center + 0.1, spread), (center, 2 * spread), (0 * center, 1 + 0 * spread)):
        assert bound(mean, v) < truth


def test_losses_are_their_terms():
    x, x_hat, mean, log_variance = draw(4, 3), draw(4, 3, seed=1), draw(4, 2), draw(4, 2, seed=4)
    first, second = elbo(x, x_hat, mean, log_variance, std=0.3)
    loss = VariationalLoss(beta=2.5, std=0.3)((x_hat, mean, log_variance), x)
    assert loss == pytest.approx(2.5 * second - first)
    loss = SparseLoss(0.25)((x_hat, mean), x)
    assert loss == pytest.approx(((x - x_hat) ** 2).mean() + 0.25 * np.abs(mean).sum() / 4)


def test_malformed_losses_show_both_sides():
    x, m = np.ones((4, 3)), np.ones((4, 2))
    with pytest.raises(ValueError, match=r"x has shape \(4, 3\); x_hat has \(4, 2\)"):
        elbo(x, m, m, m)
    with pytest.raises(ValueError, match=r"mean has shape \(4, 2\); log_variance has \(4, 3\)"):
        elbo(x, x, m, x)
    with pytest.raises(ValueError, match="x has no examples"):
        elbo(x[:0], x[:0], m, m)
    with pytest.raises(ValueError, match=r"x_hat has shape \(4, 2\); target has \(4, 3\)"):
        SparseLoss()((m, m), x)
    for wrong in ({"std": 0.0}, {"std": np.inf}, {"beta": -1.0}):
        with pytest.raises(ValueError, match="it must be a finite number"):
            VariationalLoss(**wrong)
    with pytest.raises(ValueError, match="weight is -1"):
        SparseLoss(-1.0)


# Noise


def test_noise_is_there_in_training_only():
    x = draw(200, 50) + 5
    masking = Corruption("masking", 0.3, rng=0)
    seen = masking(x)
    assert set(np.unique((seen == x).astype(int))) == {0, 1}
    assert abs((seen == 0).mean() - 0.3) < 0.02
    assert (seen[seen != 0] == x[seen != 0]).all()
    assert (masking(x) != seen).any()
    gaussian = Corruption("gaussian", 0.5, rng=0)
    moved = gaussian(x) - x
    assert abs(moved.std() - 0.5) < 0.02
    assert abs(moved.mean()) < 0.02
    for noise in (masking, gaussian):
        np.testing.assert_array_equal(noise.eval()(x), x)
        gradcheck(noise, x[:4])
        gradcheck(noise.train(), x[:4])
    np.testing.assert_array_equal(Corruption("masking", 1.0)(x), 0 * x)
    np.testing.assert_array_equal(Corruption("gaussian", 0.0)(x), x)


@pytest.mark.parametrize(
    ("settings", "words"),
    [(("salt", 0.1), "'salt'; it must be one of 'masking', 'gaussian'"),
     (("masking", 1.1), "amount is 1.1"), (("masking", -0.1), "amount is -0.1"),
     (("gaussian", -1.0), "amount is -1.0"), (("gaussian", np.nan), "amount is nan")],
)  # fmt: skip
def test_noise_that_there_is_not(settings, words):
    with pytest.raises(ValueError, match=words):
        Corruption(*settings)


def test_the_noise_of_a_code_is_drawn_or_given():
    x = draw(4, 5)
    a, b = (VariationalAutoencoder((5, 4, 2), rng=7) for _ in range(2))
    first, second = a(x)[0], a(x)[0]
    assert (first != second).any()
    np.testing.assert_array_equal(first, b(x)[0])
    mean, log_variance = a.encode(x)
    np.testing.assert_array_equal(a(x, np.zeros((4, 2)))[0], a.decode(mean))
    ones = a(x, np.ones((4, 2)))[0]
    np.testing.assert_allclose(ones, a.decode(mean + np.exp(log_variance / 2)), rtol=1e-12)
    with pytest.raises(ValueError, match=r"noise has shape \(4, 3\); mean has \(4, 2\)"):
        a(x, np.ones((4, 3)))
    with pytest.raises(ValueError, match=r"grad_mean has shape \(4, 3\); mean has \(4, 2\)"):
        a.backward(x, np.ones((4, 3)))


# All together


def test_a_linear_one_learns_the_principal_components():
    x = draw(100, 6) @ np.diag([5.0, 4, 1, 0.5, 0.5, 0.2]) @ draw(6, 6, seed=1)
    x = (x - x.mean(axis=0)) / x.std()
    model = Autoencoder((6, 2), "identity", rng=0)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    for lr in (0.02, 0.001):
        optimizer.param_groups[0]["lr"] = lr
        fit(model, nn.MSELoss(), optimizer, (x, x), epochs=600, batch_size=100)
    _, _, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    angles = principal_angles(model.decoder[0].weight.data, directions[:2].T)
    assert angles.max() < 0.01


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (lambda: Autoencoder((64, 16, 2), rng=0), nn.MSELoss()),
        (lambda: SparseAutoencoder((64, 80), rng=0), SparseLoss(0.0005)),
        (lambda: VariationalAutoencoder((64, 16, 2), rng=0), VariationalLoss(std=0.2)),
        (lambda: nn.Sequential(Corruption("masking", 0.2, rng=0), Autoencoder((64, 16), rng=0)),
         nn.MSELoss()),
    ],
)  # fmt: skip
def test_all_of_them_learn_through_fit(model, loss):
    x = data.digits().x[:256]
    model = model()
    before = evaluate(model, loss, (x, x))["loss"]
    fit(model, loss, optim.Adam(model.parameters(), lr=0.01), (x, x), epochs=5, batch_size=32)
    after = evaluate(model, loss, (x, x))["loss"]
    assert after < before - 0.2 * abs(before)


def test_a_convolutional_one_learns_through_fit():
    x = data.digits().x[:256].reshape(-1, 1, 8, 8)
    model = ConvAutoencoder(4, (4, 8), rng=0)
    before = ((predict(model, x) - x) ** 2).mean()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    fit(model, nn.MSELoss(), optimizer, (x, x), epochs=5, batch_size=32)
    assert ((predict(model, x) - x) ** 2).mean() < 0.7 * before


def test_float32_stays_float32_and_copies_are_equal():
    x = draw(4, 64).astype(np.float32)
    for make in (Autoencoder, SparseAutoencoder, VariationalAutoencoder):
        model = make((64, 8, 2), rng=0, dtype=np.float32)
        other = copy.deepcopy(model)
        one, two = model(x), other(x)
        outputs = one if isinstance(one, tuple) else (one,)
        assert all(out.dtype == np.float32 for out in outputs)
        np.testing.assert_array_equal(outputs[0], two[0] if isinstance(two, tuple) else two)
        assert model.backward(*outputs).dtype == np.float32
    pictures = x.reshape(4, 1, 8, 8)
    assert ConvAutoencoder(rng=0, dtype=np.float32)(pictures).dtype == np.float32
    for kind in ("masking", "gaussian"):
        assert Corruption(kind, 0.1, rng=0)(x).dtype == np.float32


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Autoencoder((64,)), ValueError, r"sizes is \(64,\); an autoencoder has inputs"),
        (lambda: SparseAutoencoder((64, 0)), ValueError, r"sizes\[1\] is 0"),
        (lambda: VariationalAutoencoder((64, 2.5)), TypeError, r"sizes\[1\].*2\.5"),
        (lambda: Autoencoder((4, 3, 2), "than"), ValueError, "no activation 'than'"),
        (lambda: ConvAutoencoder(0), ValueError, "code is 0"),
        (lambda: ConvAutoencoder(channels=()), ValueError, "channels is empty"),
        (lambda: ConvAutoencoder(size=10), ValueError, "size is 10; 2 layers.*multiple of 4"),
        (lambda: Autoencoder((4, 2), rng=0)(np.ones((3, 5))), ValueError, "x has 5 features"),
        (lambda: Autoencoder((4, 2), rng=0).backward(np.ones((3, 4))), RuntimeError, "before"),
    ],
)
def test_malformed_models_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()
