"""Attention: by hand, by PyTorch, by central differences, by masks of all kinds, by hard inputs."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.attention import SDPBackend, sdpa_kernel

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from tests.nn.parity import compare, same

sdpa, sdpa_backward = F.scaled_dot_product_attention, F.scaled_dot_product_attention_backward


def data(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def against_pytorch(q, k, v, **options):
    """Output and gradients of `scaled_dot_product_attention` are PyTorch's."""
    tensors = [torch.tensor(x, requires_grad=True) for x in (q, k, v)]
    mask = options.get("attn_mask")
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *tensors, **(options | ({} if mask is None else {"attn_mask": torch.tensor(mask)}))
    )
    ours = sdpa(q, k, v, **options)
    same(ours, theirs, "output")
    grad = data(*ours.shape, seed=9, dtype=ours.dtype)
    theirs.backward(torch.tensor(grad))
    same(sdpa_backward(grad, q, k, v, **options), [t.grad for t in tensors], "gradients")


# One head, as a function


def test_by_hand():
    # Scores (ln 3, 0) after the scale: weights 3/4 and 1/4.
    q, k, v = np.array([[2.0 * math.log(3)]]), np.array([[1.0], [0.0]]), np.array([[4.0], [8.0]])
    np.testing.assert_allclose(sdpa(q, k, v, scale=0.5), [[5.0]])
    grad_q, grad_k, grad_v = sdpa_backward([[1.0]], q, k, v, scale=0.5)
    np.testing.assert_allclose(grad_v, [[0.75], [0.25]])
    # By the scores: 3/4 (4 - 5) and 1/4 (8 - 5). Times scale and key, or query.
    np.testing.assert_allclose(grad_q, [[-0.75 * 0.5]])
    np.testing.assert_allclose(grad_k, np.array([[-0.75], [0.75]]) * math.log(3))


SHAPES = [
    ((3, 4), (5, 4), (5, 2)),
    ((2, 3, 4), (2, 5, 4), (2, 5, 6)),
    ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5)),
    ((1, 1), (1, 1), (1, 1)),
    ((2, 0, 3), (2, 4, 3), (2, 4, 3)),
    ((2, 3, 4), (2, 0, 4), (2, 0, 4)),
    ((0, 3, 4), (0, 2, 4), (0, 2, 4)),
    ((3, 0), (4, 0), (4, 2)),
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("options", [{}, {"scale": 0.3}, {"is_causal": True}], ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_agrees_with_pytorch(shapes, options, dtype):
    arrays = [data(*shape, seed=i, dtype=dtype) for i, shape in enumerate(shapes)]
    against_pytorch(*arrays, **options)


@pytest.mark.parametrize("shape", [(4, 5), (1, 5), (4, 1), (3, 4, 5), (2, 1, 4, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("kind", [bool, float])
def test_masks_agree_with_pytorch(shape, kind):
    mask = data(*shape, seed=5)
    mask = mask > 0 if kind is bool else mask
    against_pytorch(data(2, 3, 4, 6), data(2, 3, 5, 6, seed=1), data(2, 3, 5, 2), attn_mask=mask)


@pytest.mark.parametrize("kind", [bool, float])
def test_a_query_that_may_see_nothing_gets_zeros(kind):
    mask = np.array([[True, False], [False, False], [True, True]])
    mask = mask if kind is bool else np.where(mask, 0.0, -np.inf)
    q, k, v = data(3, 4), data(2, 4, seed=1), data(2, 3, seed=2)
    np.testing.assert_array_equal(sdpa(q, k, v, mask)[1], 0)
    against_pytorch(q[None, None], k[None, None], v[None, None], attn_mask=mask)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3), max_size=2), *[st.integers(1, 5)] * 4, st.booleans())
def test_any_shape_agrees_with_pytorch(batch, length, places, d, e, is_causal):
    q, k, v = data(*batch, length, d), data(*batch, places, d, seed=1), data(*batch, places, e)
    against_pytorch(q, k, v, is_causal=is_causal)


def central(function, x, h=1e-6):
    """The slope of a number by each of the inputs."""
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        grad[i] = (function(x + step) - function(x - step)) / (2 * h)
    return grad


def test_backward_agrees_with_central_differences():
    arrays = [data(3, 4), data(5, 4, seed=1), data(5, 2, seed=2)]
    grad, mask = data(3, 2, seed=3), data(3, 5, seed=4)
    answers = sdpa_backward(grad, *arrays, attn_mask=mask, scale=0.7)
    for i, answer in enumerate(answers):

        def loss(x, i=i):
            given_ = [*arrays[:i], x, *arrays[i + 1 :]]
            return (sdpa(*given_, attn_mask=mask, scale=0.7) * grad).sum()

        np.testing.assert_allclose(answer, central(loss, arrays[i]), atol=1e-8)


@pytest.mark.parametrize("scale", [1e4, -1e4, 1e-4])
def test_extremes_agree_with_pytorch(scale):
    against_pytorch(data(2, 3, 4) * scale, data(2, 5, 4, seed=1), data(2, 5, 3) * scale)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_infinity_and_nan_agree_with_pytorch(bad, which):
    arrays = [data(2, 3), data(4, 3, seed=1), data(4, 2, seed=2)]
    arrays[which][0, 1] = bad
    with sdpa_kernel(SDPBackend.MATH):  # the quick one hides some nan
        against_pytorch(*arrays)
    ours, theirs = pair(4, 2)
    arrays = list(inputs(ours))
    arrays[which][0, 0, 1] = bad
    compare(ours, theirs, *arrays)


def test_layouts():
    q, k, v = data(2, 3, 4), data(2, 5, 4, seed=1), data(2, 5, 6, seed=2)
    y = sdpa(q, k, v)
    other = [np.asfortranarray(q), np.repeat(k, 2, -1)[..., ::2], v[:, ::-1].copy()[:, ::-1]]
    np.testing.assert_allclose(sdpa(*other), y, rtol=1e-13)
    for a, b in zip(sdpa_backward(y, *other), sdpa_backward(y, q, k, v), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)


# Many heads, as a layer


def pair(*args, dtype=torch.float64, **kwargs):
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(*args, **kwargs).to(dtype)
    for parameter in theirs.parameters():  # biases too
        torch.nn.init.normal_(parameter, std=0.5)
    return nn.MultiheadAttention(*args, **kwargs, dtype=str(dtype)[6:]), theirs


def inputs(ours, unbatched=False, n=2, length=3, places=4, dtype=np.float64):
    """Query, key and value in the layer's layout."""
    sizes = (length, ours.embed_dim), (places, ours.kdim), (places, ours.vdim)
    for i, (long, size) in enumerate(sizes):
        shape = (n, long, size) if ours.batch_first else (long, n, size)
        yield data(*((long, size) if unbatched else shape), seed=i, dtype=dtype)


def test_one_head_is_attention_between_projections():
    ours, _ = pair(4, 1, batch_first=True)
    q, k, v = inputs(ours)
    w, b = ours.in_proj_weight.data, ours.in_proj_bias.data
    projected = [
        F.linear(x, w[4 * i : 4 * i + 4], b[4 * i : 4 * i + 4]) for i, x in enumerate((q, k, v))
    ]
    expected = F.linear(sdpa(*projected), ours.out_proj.weight.data, ours.out_proj.bias.data)
    np.testing.assert_allclose(ours(q, k, v)[0], expected)


def test_two_heads_by_hand():
    # All projections are the identity: head 1 sees the first numbers, head 2 the second.
    layer = nn.MultiheadAttention(2, 2, bias=False)
    layer.in_proj_weight.data[:] = np.tile(np.eye(2), (3, 1))
    layer.out_proj.weight.data[:] = np.eye(2)
    q, k = np.array([[math.log(3), 0.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])
    v = np.array([[4.0, 2.0], [8.0, 4.0]])
    output, weights = layer(q, k, v, average_attn_weights=False)
    np.testing.assert_allclose(weights, [[[0.75, 0.25]], [[0.5, 0.5]]])
    np.testing.assert_allclose(output, [[5.0, 3.0]])
    np.testing.assert_allclose(layer(q, k, v)[1], [[0.625, 0.375]])
    _, _, grad_v = layer.backward([[1.0, 10.0]])
    np.testing.assert_allclose(grad_v, [[0.75, 5.0], [0.25, 5.0]])


FLAGS = list(itertools.product([{}, {"kdim": 3, "vdim": 7}, {"vdim": 5}], *[[False, True]] * 4))


@pytest.mark.parametrize(("sizes", "bias", "kv", "zero", "first"), FLAGS, ids=str)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_layer_agrees_with_pytorch(sizes, bias, kv, zero, first, dtype):
    options = {"bias": bias, "add_bias_kv": kv, "add_zero_attn": zero, "batch_first": first}
    forms = itertools.product([False, True], repeat=3)
    for unbatched, need, average in forms if dtype == torch.float64 else [(False, True, True)]:
        ours, theirs = pair(6, 2, **sizes, **options, dtype=dtype)
        given_ = inputs(ours, unbatched, dtype=str(dtype)[6:])
        compare(ours, theirs, *given_, need_weights=need, average_attn_weights=average)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    linear = repr(theirs).replace("NonDynamicallyQuantizableLinear", "Linear")
    assert repr(ours) == linear
    names = ("in_proj_weight", "q_proj_weight", "in_proj_bias", "bias_k", "bias_v")
    for name in names:  # those that are not there are None in both
        assert (getattr(ours, name) is None) == (getattr(theirs, name) is None)


def masks(kind, *shape, seed=0):
    """At random, but every query may see the first key."""
    hidden = np.random.default_rng(seed).random(shape) < 0.4
    hidden[..., 0] = False
    return hidden if kind is bool else np.where(hidden, -np.inf, data(*shape, seed=seed))


MASKS = list(itertools.product([bool, float], ["both", "attention", "padding"], [2, 3]))


@pytest.mark.parametrize(("kind", "which", "ndim"), MASKS, ids=str)
@pytest.mark.parametrize("extra", [{}, {"add_bias_kv": True, "add_zero_attn": True}], ids=str)
@pytest.mark.parametrize("unbatched", [False, True])
def test_masks_of_the_layer_agree_with_pytorch(kind, which, ndim, extra, unbatched):
    n = 1 if unbatched else 2
    for first, need in itertools.product([False, True], repeat=2):
        ours, theirs = pair(4, 2, batch_first=first, **extra)
        given_ = {"need_weights": need}
        if which != "padding":
            given_["attn_mask"] = masks(kind, *((3, 4) if ndim == 2 else (2 * n, 3, 4)))
        if which != "attention":
            given_["key_padding_mask"] = masks(kind, *((4,) if unbatched else (n, 4)), seed=1)
        compare(ours, theirs, *inputs(ours, unbatched, n), **given_)


@pytest.mark.parametrize("need", [False, True])
def test_nothing_to_see_is_answered_as_in_pytorch(need):
    ours, theirs = pair(4, 2, batch_first=True)
    mask = np.array([[True] * 4, [False] * 4, [False, True] * 2])
    compare(ours, theirs, *inputs(ours), attn_mask=mask, need_weights=need)
    assert np.isnan(ours(*inputs(ours), attn_mask=mask, need_weights=need)[0]).any() == need


@pytest.mark.parametrize("need", [False, True])
def test_the_causal_mask(need):
    ours, theirs = pair(4, 2, batch_first=True)
    mask = np.triu(np.ones((4, 4), bool), 1)
    given_ = list(inputs(ours, length=4))
    for is_causal in (False, True):
        options = {"attn_mask": mask, "need_weights": need, "is_causal": is_causal}
        ours.zero_grad()
        theirs.zero_grad()
        compare(ours, theirs, *given_, **options)
    later = given_[0].copy(), given_[1].copy(), given_[2].copy()
    later[1][:, -1], later[2][:, -1] = 9.0, 9.0
    before, after = (ours(*x, attn_mask=mask)[0] for x in (given_, later))
    np.testing.assert_array_equal(before[:, :-1], after[:, :-1])  # the future is not seen
    assert (before[:, -1] != after[:, -1]).all()


def test_self_attention_adds_up_three_gradients():
    ours, theirs = pair(4, 2, batch_first=True)
    x, t = data(2, 5, 4), torch.tensor(data(2, 5, 4), requires_grad=True)
    compare(ours, theirs, x, x, x)
    theirs.zero_grad()
    output, weights = theirs(t, t, t)
    (output.sum() + (weights**2).sum()).backward()
    mine, mine_weights = ours(x, x, x)
    answers = ours.backward(np.ones_like(mine), 2 * mine_weights)
    np.testing.assert_allclose(sum(answers), t.grad.numpy(), atol=1e-12)


def test_without_a_gradient_by_the_weights():
    ours, _ = pair(4, 2)
    given_ = list(inputs(ours))
    output, weights = ours(*given_)
    alone, zero = ours.backward(output), ours.backward(output, np.zeros_like(weights))
    for a, b in zip(alone, zero, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("extra", [{}, {"add_bias_kv": True, "add_zero_attn": True, "vdim": 3}])
def test_backward_of_the_layer_agrees_with_central_differences(extra):
    ours, _ = pair(4, 2, dropout=0.3, **extra)
    given_ = list(inputs(ours))
    grad, grad_weights = data(3, 2, 4, seed=7), data(2, 3, 4 + 2 * bool(extra), seed=8)

    def loss(*args):
        ours._rng = np.random.default_rng(5)  # the same weights are dropped each time
        output, weights = ours(*args)
        return (output * grad).sum() + (weights * grad_weights).sum()

    loss(*given_)
    answers = ours.backward(grad, grad_weights)
    for i, answer in enumerate(answers):
        slope = central(lambda x, i=i: loss(*given_[:i], x, *given_[i + 1 :]), given_[i])
        np.testing.assert_allclose(answer, slope, atol=1e-8)
    for name, parameter in ours.named_parameters():
        start, got = parameter.data, parameter.grad

        def by_parameter(values, parameter=parameter):
            parameter.data = values
            return loss(*given_)

        np.testing.assert_allclose(got, central(by_parameter, start), atol=2e-8, err_msg=name)
        parameter.data = start


def test_dropout_drops_weights_in_training_only():
    ours = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=True, rng=0)
    x = data(4, 50, 8)
    _, weights = ours(x, x, x, average_attn_weights=False)
    _, kept = ours.eval()(x, x, x, average_attn_weights=False)
    assert abs((weights == 0).mean() - 0.5) < 0.02
    np.testing.assert_allclose(weights[weights != 0], 2 * kept[weights != 0])
    np.testing.assert_allclose(kept.sum(axis=-1), 1)
    again = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=True, rng=0)
    np.testing.assert_array_equal(again(x, x, x, average_attn_weights=False)[1], weights)
    compare(ours, torch.nn.MultiheadAttention(8, 2, 0.5, batch_first=True).double().eval(), x, x, x)


@settings(max_examples=30, deadline=None)
@given(*[st.integers(1, 4)] * 5, st.booleans(), st.integers(0, 3))
def test_any_sizes_agree_with_pytorch(heads, d, n, length, places, first, flags):
    extra = {"add_bias_kv": bool(flags & 1), "add_zero_attn": bool(flags & 2)}
    ours, theirs = pair(heads * d, heads, batch_first=first, **extra)
    compare(ours, theirs, *inputs(ours, n=n, length=length, places=places))


def test_the_start_is_that_of_pytorch():
    torch.manual_seed(0)
    ours = nn.MultiheadAttention(64, 4, add_bias_kv=True, rng=0)
    theirs = torch.nn.MultiheadAttention(64, 4, add_bias_kv=True)
    # Uniform within the root of 6 / (3 * 64 + 64), and within 1 / 8; zeros; normal.
    for layer in (ours, theirs):
        tables = layer.in_proj_weight, layer.out_proj.weight
        for table, bound in zip(tables, (math.sqrt(6 / 256), 1 / 8), strict=True):
            assert 0.99 * bound < abs(table.data).max() <= bound * (1 + 1e-6)
        assert not layer.in_proj_bias.data.any()
        assert not layer.out_proj.bias.data.any()
        rows = np.concatenate([np.asarray(row.data) for row in (layer.bias_k, layer.bias_v)])
        assert abs(rows.std() - math.sqrt(2 / 128)) < 0.03
        assert abs(rows).max() > math.sqrt(6 / 128)  # normal, not uniform
    apart = nn.MultiheadAttention(64, 4, kdim=32, vdim=16, rng=0)
    for table, fans in (
        (apart.q_proj_weight, 128),
        (apart.k_proj_weight, 96),
        (apart.v_proj_weight, 80),
    ):
        bound = math.sqrt(6 / fans)
        assert 0.98 * bound < abs(table.data).max() <= bound
    again = nn.MultiheadAttention(64, 4, add_bias_kv=True, rng=0)
    for a, b in zip(ours.parameters(), again.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize(("n", "length", "places"), [(0, 2, 3), (2, 0, 3), (2, 3, 0), (1, 1, 1)])
def test_empty_and_single(first, n, length, places):
    # PyTorch refuses an empty batch of ours beside a full one; all sizes here fit.
    ours, theirs = pair(4, 2, batch_first=first)
    compare(ours, theirs, *inputs(ours, n=n, length=length, places=places))


@pytest.mark.parametrize("scale", [1e4, 1e-4])
def test_extremes_of_the_layer_agree_with_pytorch(scale):
    ours, theirs = pair(4, 2)
    compare(ours, theirs, *(scale * x for x in inputs(ours)))


def test_layouts_of_the_layer():
    ours, theirs = pair(4, 2, batch_first=True)
    q, k, v = inputs(ours)
    other = np.asfortranarray(q), np.repeat(k, 2, -1)[..., ::2], v[:, ::-1].copy()[:, ::-1]
    compare(ours, theirs, *other)
    output, weights = ours(q, k, v)
    first = ours.backward(output, weights)
    second = ours.backward(np.asfortranarray(output), np.asfortranarray(weights))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_nothing_is_changed_or_handed_out_twice():
    ours, _ = pair(4, 2)
    given_ = list(inputs(ours))
    before = [x.copy() for x in given_]
    output, weights = ours(*given_, average_attn_weights=False)
    grad, grad_weights = output.copy(), weights.copy()
    first = ours.backward(grad, grad_weights)
    kept = [x.copy() for x in first]
    for array in (output, weights, *first):
        array += 1.0
    for a, b in zip(ours.backward(grad, grad_weights), kept, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(given_, before, strict=True):
        np.testing.assert_array_equal(a, b)


def layer(**options):
    return nn.MultiheadAttention(4, 2, batch_first=True, **options)


X = np.zeros((2, 3, 4))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sdpa(X, X[:1], X), ValueError, r"\(2, 3, 4\).*\(1, 3, 4\)"),
        (lambda: sdpa(X, X[..., :3], X), ValueError, r"\(2, 3, 4\).*\(2, 3, 3\).*features"),
        (lambda: sdpa(X, X, X[:, :2]), ValueError, r"\(2, 3, 4\).*\(2, 2, 4\).*every key"),
        (lambda: sdpa(X[0, 0], X, X), ValueError, r"\(4,\)"),
        (lambda: sdpa(X, X.astype("f4"), X), TypeError, "key.*float32.*float64"),
        (lambda: sdpa(X, X, X, np.zeros((2, 2))), ValueError, r"\(2, 2\).*\(2, 3, 3\)"),
        (lambda: sdpa(X, X, X, np.zeros((5, 2, 3, 3))), ValueError, r"\(5, 2, 3, 3\)"),
        (lambda: sdpa(X, X, X, np.zeros((3, 3), int)), TypeError, "int64.*bool"),
        (lambda: sdpa(X, X, X, np.zeros((3, 3), "f4")), TypeError, "float32.*float64"),
        (lambda: sdpa(X, X, X, np.zeros((3, 3)), is_causal=True), ValueError, "is_causal"),
        (lambda: sdpa(X, X, X, dropout_p=0.1), NotImplementedError, "dropout_p=0.1"),
        (lambda: sdpa(X, X, X, enable_gqa=True), NotImplementedError, "enable_gqa"),
        (lambda: sdpa_backward(X[:1], X, X, X), ValueError, r"\(1, 3, 4\).*\(2, 3, 4\)"),
        (lambda: nn.MultiheadAttention(4, 3), ValueError, "4.*3"),
        (lambda: nn.MultiheadAttention(0, 1), ValueError, "embed_dim is 0"),
        (lambda: nn.MultiheadAttention(4, 0), ValueError, "num_heads is 0"),
        (lambda: layer(kdim=0), ValueError, "kdim is 0"),
        (lambda: layer(dropout=1.5), ValueError, "dropout is 1.5"),
        (lambda: layer(device="cpu"), NotImplementedError, "MultiheadAttention.*device"),
        (lambda: layer(dtype=int), TypeError, "int"),
        (lambda: layer()(X, X[..., :3], X), ValueError, "key has 3 features.*expects 4"),
        (lambda: layer(kdim=3)(X, X, X), ValueError, "key has 4 features.*expects 3"),
        (lambda: layer()(X, X[0], X), ValueError, r"\(3, 4\)"),
        (lambda: layer()(X[0, 0], X[0, 0], X[0, 0]), ValueError, r"\(4,\)"),
        (lambda: layer()(X, X[:1], X[:1]), ValueError, r"\(2, 3, 4\).*\(1, 3, 4\).*batch"),
        (lambda: layer()(X, X, X[:, :2]), ValueError, r"\(2, 2, 4\).*every key"),
        (lambda: layer()(X.astype("f4"), X, X), TypeError, "query.*float32.*float64"),
        (lambda: layer()(X, X, X, is_causal=True), ValueError, "attn_mask is None"),
        (lambda: layer()(X, X, X, attn_mask=X), ValueError, r"\(2, 3, 4\).*\(3, 3\) or \(4, 3, 3"),
        (lambda: layer()(X, X, X, X[0] > 0), ValueError, r"key_padding_mask.*\(3, 4\).*\(2, 3\)"),
        (lambda: layer()(X, X, X, np.zeros((2, 3), int)), TypeError, "key_padding_mask.*int64"),
        (lambda: layer().backward(X), RuntimeError, "before forward"),
    ],
)
def test_malformed_calls_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_gradients_of_the_wrong_shape_are_refused():
    attention = layer()
    attention(X, X, X)
    with pytest.raises(ValueError, match=r"\(2, 3, 3\).*\(2, 3, 4\)"):
        attention.backward(np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match=r"\(2, 3, 4\).*\(2, 3, 3\)"):
        attention.backward(X, X)
    assert all(p.grad is None for p in attention.parameters())
    attention(X, X, X, need_weights=False)
    with pytest.raises(ValueError, match=r"\(2, 3, 3\).*None"):
        attention.backward(X, np.zeros((2, 3, 3)))
