"""Autoencoders in PyTorch: equal to those in NumPy, at the start and after every step."""

import inspect

import numpy as np
import pytest
import torch

from nnbook import nn, optim
from nnbook.pytorch import autoencoder as theirs
from nnbook.pytorch.training import fit as fit_t
from nnbook.scratch import autoencoder as ours
from nnbook.scratch.training import fit

MODELS = {
    "deep": ("Autoencoder", ((6, 5, 2), "tanh"), {}),
    "sparse": ("SparseAutoencoder", ((6, 5, 9), "relu"), {}),
    "shares": ("SparseAutoencoder", ((6, 9),), {"code_activation": "sigmoid"}),
    "variational": ("VariationalAutoencoder", ((6, 5, 2), "softplus"), {}),
    "convolutional": ("ConvAutoencoder", (3, (2, 4)), {"activation": "tanh"}),
}
LOSSES = {
    "deep": ((nn.MSELoss, torch.nn.MSELoss), {}),
    "sparse": ((ours.SparseLoss, theirs.SparseLoss), {"weight": 0.1}),
    "shares": ((ours.SparseLoss, theirs.SparseLoss), {"weight": 0.1, "kind": "kl"}),
    "variational": ((ours.VariationalLoss, theirs.VariationalLoss), {"beta": 0.5, "std": 0.4}),
    "convolutional": ((nn.MSELoss, torch.nn.MSELoss), {}),
}


def examples(kind, n=24):
    return np.random.default_rng(0).normal(size=(n, 1, 8, 8) if kind == "convolutional" else (n, 6))


def twins(kind):
    name, args, settings = MODELS[kind]
    return (
        getattr(ours, name)(*args, **settings, rng=3),
        getattr(theirs, name)(*args, **settings, rng=3, device="cpu"),
    )


def same(a, b, atol):
    b = {key: value.numpy() for key, value in b.state_dict().items()}
    assert a.state_dict().keys() == b.keys()
    for key, value in a.state_dict().items():
        np.testing.assert_allclose(value, b[key], rtol=0, atol=atol, err_msg=key)


@pytest.mark.parametrize("kind", MODELS)
def test_the_same_start_the_same_answer_and_the_same_codes(kind):
    a, b = twins(kind)
    same(a, b, 0)
    x = examples(kind)
    with torch.no_grad():
        mine, other = a(x), b(torch.from_numpy(x))
        code, code_t = a.encode(x), b.encode(torch.from_numpy(x))
    for one, two in ((mine, other), (code, code_t)):
        one, two = (v if isinstance(v, tuple) else (v,) for v in (one, two))
        assert len(one) == len(two)
        for left, right in zip(one, two, strict=True):
            np.testing.assert_allclose(left, right.numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", MODELS)
def test_the_same_weights_after_several_epochs(kind):
    a, b = twins(kind)
    (mine, other), settings = LOSSES[kind]
    x = examples(kind)
    common = {"epochs": 5, "batch_size": 8, "rng": 1}
    x_t = torch.from_numpy(x)
    one = fit(a, mine(**settings), optim.Adam(a.parameters(), lr=0.01), (x, x), **common)
    two = fit_t(
        b, other(**settings), torch.optim.Adam(b.parameters(), lr=0.01), (x_t, x_t), **common,
        device="cpu",
    )  # fmt: skip
    np.testing.assert_allclose(one["loss"], two["loss"], rtol=1e-9)
    same(a, b, 1e-8)


def test_the_same_noise_and_the_same_way_back():
    x = np.random.default_rng(0).normal(size=(5, 6))
    for kind, amount in (("masking", 0.4), ("gaussian", 0.2)):
        a, b = ours.Corruption(kind, amount, rng=5), theirs.Corruption(kind, amount, rng=5)
        t = torch.from_numpy(x).requires_grad_(True)
        for _ in range(2):
            mine, other = a(x), b(t)
            np.testing.assert_allclose(mine, other.detach().numpy(), rtol=0, atol=1e-15)
        other.backward(torch.ones_like(t))
        np.testing.assert_array_equal(a.backward(np.ones_like(x)), t.grad.numpy())
        assert (b.eval()(t) == t).all()
        assert repr(a) == repr(b)
    single = torch.ones(4, 3, dtype=torch.float32)
    assert theirs.Corruption("gaussian", 0.1, rng=0)(single).dtype == torch.float32


def test_penalties_at_the_ends_too():
    for level in (0.0, 0.3, 1.0):
        code = np.full((4, 3), level)
        t = torch.from_numpy(code).requires_grad_(True)
        value = theirs.sparsity(t, "kl", 0.1)
        value.backward()
        mine, grad = ours.sparsity(code, "kl", 0.1)
        assert value.item() == pytest.approx(mine)
        np.testing.assert_allclose(t.grad.numpy(), grad)


def test_the_two_terms_are_the_same():
    x, x_hat, mean, log_variance = (np.random.default_rng(i).normal(size=(4, 3)) for i in range(4))
    mine = ours.elbo(x, x_hat, mean, log_variance, std=0.3)
    other = theirs.elbo(x, x_hat, mean, log_variance, std=0.3)
    assert [term.item() for term in other] == pytest.approx(list(mine), rel=1e-12)


def test_the_divergence_is_pytorchs_own():
    mean, log_variance = (
        torch.from_numpy(np.random.default_rng(i).normal(size=(4, 3))) for i in (1, 2)
    )
    normal = torch.distributions.Normal
    wanted = torch.distributions.kl_divergence(
        normal(mean, torch.exp(log_variance / 2)), normal(0.0, 1.0)
    )
    _, divergence = theirs.elbo(mean, mean, mean, log_variance)
    assert divergence.item() == pytest.approx(wanted.sum(dim=1).mean().item(), rel=1e-12)


@pytest.mark.parametrize("name", ours.__all__)
def test_the_same_parameters_where_classes_stand_in_files_of_their_own(name):
    mine, other = (
        [
            (p.name, p.kind)
            for p in inspect.signature(getattr(m, name)).parameters.values()
            if p.name != "device"
        ]
        for m in (ours, theirs)
    )
    assert mine == other
    assert sorted(ours.__all__) == sorted(theirs.__all__)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: theirs.Autoencoder((64,)), ValueError, r"sizes is \(64,\); an autoencoder has"),
        (lambda: theirs.ConvAutoencoder(size=10), ValueError, "size is 10; 2 layers"),
        (lambda: theirs.Corruption("salt"), ValueError, "'salt'; it must be one of"),
        (lambda: theirs.sparsity(torch.ones(0, 2)), ValueError, r"code has shape \(0, 2\)"),
        (lambda: theirs.sparsity(torch.full((1, 1), 2.0), "kl"), ValueError, "from 2 to 2"),
        (lambda: theirs.VariationalLoss(std=0.0), ValueError, "std is 0.0"),
        (lambda: theirs.SparseLoss(target=0.0), ValueError, "target is 0.0"),
        (lambda: theirs.elbo(torch.ones(2, 2), torch.ones(2, 3), *[torch.ones(2, 1)] * 2),
         ValueError, r"x has shape \(2, 2\); x_hat has \(2, 3\)"),
    ],
)  # fmt: skip
def test_malformed_calls_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()
