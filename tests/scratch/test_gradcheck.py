"""The check of gradients: it passes what is right, and names precisely what is wrong."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook import nn
from nnbook.scratch.gradcheck import GradientError, GradientReport, gradcheck

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))


def square(x):
    return x**2


class Pair(nn.Module):
    """Two inputs, one of them a pair, and two outputs: y = w1 a + b c, z = c^2 w2."""

    def __init__(self):
        self.weight = nn.Parameter(np.array([2.0, 3.0]))

    def forward(self, a, bc):
        b, c = bc
        self.save_for_backward(a, b, c)
        w = self.weight.data
        return w[0] * a + b * c, (c**2 * w[1], np.arange(3))

    def backward(self, grad_y, grad_z):
        (a, b, c), (grad_z, nothing) = self.saved, grad_z
        assert nothing is None, "an output of whole numbers has no gradient"
        w = self.weight.data
        self.weight.add_grad(np.array([(grad_y * a).sum(), (grad_z * c**2).sum()]))
        return grad_y * w[0], (grad_y * c, grad_y * b + 2 * c * w[1] * grad_z)


class Drop(nn.Module):
    """Dropout in its simplest form, with a running mean on the side."""

    def __init__(self, rng):
        self.rng = np.random.default_rng(rng)
        self.register_buffer("mean", np.zeros(3, np.float32))

    def forward(self, x):
        keep = self.rng.random(x.shape) < 0.5 if self.training else np.ones(x.shape, bool)
        self.save_for_backward(keep)
        self.mean = 0.9 * self.mean + 0.1 * x.mean(axis=0)
        return x * keep

    def backward(self, grad_output):
        (keep,) = self.saved
        return grad_output * keep


class HalfSquare(nn.Module):
    """A loss: the mean of (x - target)^2 / 2, as a number."""

    def forward(self, x, target):
        self.save_for_backward(x - target)
        return np.mean((x - target) ** 2) / 2

    def backward(self, grad=1.0):
        (error,) = self.saved
        return grad * error / error.size


def model():
    return nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 4, bias=False, rng=1), nn.GELU(),
        nn.Linear(4, 2, rng=2), nn.LogSoftmax(dim=1),
    )  # fmt: skip


def test_right_modules_pass():
    report = gradcheck(model(), X)
    assert report.checked == 15 + (12 + 4) + 16 + (8 + 2)
    assert report.worst < 0.1
    assert report.names[:2] == ("x", "0.weight of Linear")
    names = ("a", "bc[0]", "bc[1]", "weight of Pair")
    assert gradcheck(Pair(), RNG.normal(size=3), (RNG.normal(size=3), RNG.normal(size=3))) == (
        GradientReport(11, pytest.approx(0, abs=0.1), names)
    )


def test_a_module_in_float32_is_checked_in_float64():
    single = nn.Linear(3, 2, rng=0, dtype=np.float32)
    assert gradcheck(single, X.astype(np.float32)).checked == 15 + 6 + 2
    assert single.weight.dtype == np.float32


def wrong(scale=1.0, where=(1, 2)):
    """A Linear whose gradient by one single weight is off."""

    class Wrong(nn.Linear):
        def backward(self, grad_output):
            grad = super().backward(grad_output)
            self.weight.grad[where] *= scale
            return grad

    return Wrong(3, 2, rng=0)


def test_one_wrong_entry_is_found_and_named():
    faulty = nn.Sequential(nn.Tanh(), wrong(scale=-1))
    with pytest.raises(GradientError) as raised:
        gradcheck(faulty, X)
    lines = str(raised.value).splitlines()
    assert lines[0] == "Sequential: 1 of 23 derivatives disagree, the worst first"
    assert lines[1].startswith("  by 1.weight of Wrong at (1, 2): backward says ")
    says, differ = (float(w.split(" ")[-1]) for w in lines[1].split(": ")[1].split(", "))
    assert says == pytest.approx(-differ, rel=1e-6)


@given(st.floats(1e-4, 10.0), st.sampled_from([-1, 1]), st.integers(0, 1), st.integers(0, 2))
def test_any_error_above_the_tolerance_is_found(size, sign, row, column):
    with pytest.raises(GradientError, match=rf"weight of Wrong at \({row}, {column}\)"):
        gradcheck(wrong(1 + sign * size, (row, column)), X)


def test_an_error_within_the_tolerance_is_none():
    gradcheck(wrong(1 + 1e-7), X)
    gradcheck(wrong(1.01), X, rtol=0.02)
    with pytest.raises(GradientError):
        gradcheck(wrong(1.01), X, rtol=0.005)


def test_the_worst_comes_first_and_the_list_ends():
    with pytest.raises(GradientError) as raised:
        gradcheck(square, np.arange(1.0, 41.0), backward=lambda g, x: g * (2 * x + x**3 / 1e4))
    lines = str(raised.value).splitlines()
    assert lines[0] == "square: 40 of 40 derivatives disagree, the worst first"
    assert lines[1].startswith("  by x at (39,)")
    assert len(lines) == 12
    assert lines[-1] == "  ... and 30 more"


@pytest.mark.parametrize("fault", ["forgotten", "missing answer", "shape", "nan", "swapped"])
def test_other_faults(fault):
    class Faulty(Pair):
        def backward(self, grad_y, grad_z):
            grad_a, (grad_b, grad_c) = super().backward(grad_y, grad_z)
            if fault == "forgotten":
                self.weight.grad = None
            if fault == "missing answer":
                return grad_a
            if fault == "shape":
                return grad_a, (grad_b[None], grad_c)
            if fault == "nan":
                return grad_a * np.nan, (grad_b, grad_c)
            if fault == "swapped":
                return grad_a, (grad_c, grad_b)
            return grad_a, (grad_b, grad_c)

    words = {
        "forgotten": r"Faulty: 2 of 11.*by weight of Faulty at \(\d,\): backward says None",
        "missing answer": r"Faulty: 6 of 11.*by bc\[\d\] at \(\d,\): backward says None",
        "shape": r"the gradient by bc\[0\] has shape \(1, 3\); bc\[0\] itself has \(3,\)",
        "nan": r"Faulty: 3 of 11.*by a at \(0,\): backward says nan",
        "swapped": r"Faulty: 6 of 11.*by bc\[\d\]",
    }
    a, b, c = RNG.normal(size=(3, 3)) + 2
    with pytest.raises(GradientError, match=f"(?s){words[fault]}"):
        gradcheck(Faulty(), a, (b, c))


def test_one_input_that_is_a_tuple():
    class Sum(nn.Module):
        def __init__(self, nested):
            self.nested = nested

        def forward(self, pair):
            return pair[0] + 2 * pair[1]

        def backward(self, grad_output):
            answer = (grad_output, 2 * grad_output)
            return (answer,) if self.nested else answer

    for nested in (False, True):
        assert gradcheck(Sum(nested), (X, X + 1)).names == ("pair[0]", "pair[1]")


def test_losses_and_whole_numbers():
    report = gradcheck(HalfSquare(), X, X + 1)
    assert report.names == ("x",)

    class Wrong(HalfSquare):
        def backward(self, grad=1.0):  # noqa: ARG002
            return super().backward(1.0)  # forgets what arrives from above

    with pytest.raises(GradientError, match="by x"):
        gradcheck(Wrong(), X, X + 1)

    class Pick(nn.Module):
        def forward(self, x, index):
            self.save_for_backward(x, index)
            return x[index]

        def backward(self, grad_output):
            x, index = self.saved
            grad = np.zeros_like(x)
            np.add.at(grad, index, grad_output)
            return grad, None

    assert gradcheck(Pick(), X, np.array([0, 2, 2])).names == ("x",)


@pytest.mark.parametrize("training", [True, False])
def test_nothing_is_left_changed(training):
    module = nn.Sequential(nn.Linear(3, 3, rng=0), Drop(7)).train(training)
    module[0].requires_input_grad_(False)
    module(X)
    module[0].weight.add_grad(np.ones((3, 3)))
    before = copy.deepcopy(module)
    x = X.copy()
    assert gradcheck(module, x).names == ("x", "0.weight of Linear", "0.bias of Linear")
    np.testing.assert_array_equal(x, X)
    assert [m.training for m in module.modules()] == [training] * 3
    assert module[0].input_requires_grad is False
    assert module[0].bias.grad is None
    np.testing.assert_array_equal(module[0].weight.grad, np.ones((3, 3)))
    assert module[1].mean.dtype == before[1].mean.dtype
    for key, value in before.state_dict().items():
        np.testing.assert_array_equal(module.state_dict()[key], value)
    np.testing.assert_array_equal(module(X), before(X))  # the same numbers come next
    module.backward(np.ones((5, 3)))  # and backward speaks of that


def test_dropout_is_checked_with_one_mask():
    drop = Drop(7)
    gradcheck(drop, X)

    class Wrong(Drop):
        def backward(self, grad_output):
            return grad_output

    with pytest.raises(GradientError, match="Wrong"):
        gradcheck(Wrong(7), X)


def test_frozen_parameters_are_left_alone_and_shared_ones_checked_once():
    frozen = nn.Linear(3, 2, rng=0).requires_grad_(False)
    assert gradcheck(frozen, X).names == ("x",)
    tied = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1))
    tied[1].weight = tied[0].weight
    assert gradcheck(tied, X).names.count("0.weight of Linear") == 1
    assert "1.weight of Linear" not in gradcheck(tied, X).names


def test_large_arrays_are_sampled():
    x = np.zeros((100, 100))
    assert gradcheck(nn.Tanh(), x).checked == 100
    assert gradcheck(nn.Tanh(), x, max_entries=7).checked == 7
    assert gradcheck(nn.Tanh(), x[:40, :10], max_entries=None).checked == 400
    found = []

    class OneWrong(nn.Tanh):
        def backward(self, grad_output):
            grad = super().backward(grad_output)
            grad[:, :50] *= 2  # half of all entries: a sample cannot miss it
            return grad

    with pytest.raises(GradientError):
        gradcheck(OneWrong(), x)
    for seed in (0, 0, 1):
        with pytest.raises(GradientError) as raised:
            gradcheck(OneWrong(), x, rng=seed)
        found.append(str(raised.value))
    assert found[0] == found[1] != found[2]


def test_large_and_small_numbers():
    gradcheck(nn.Tanh(), np.array([1e-4, -1e-4, 0.0, 5.0, -5.0]))
    gradcheck(np.square, np.array([1e4, -1e4, 1e-8]), backward=lambda g, x: 2 * g * x)
    gradcheck(lambda x: x + 1e9, np.array([1.0]), backward=lambda g, x: g, eps=1e-2)
    # Beside 3e6 a step of 1e-6 is rounded; the step that was taken counts.
    gradcheck(lambda x: 2 * (x - 3e6), np.array([3e6]), backward=lambda g, x: 2 * g)
    gradcheck(lambda x: np.float64(x**2), 3.0, backward=lambda g, x: 2 * g * x)


def test_arrays_that_must_not_be_changed_are_not():
    x = X.copy()
    x.flags.writeable = False
    assert gradcheck(nn.Tanh(), x).checked == 15


def test_empty_batches_pass():
    assert gradcheck(nn.Linear(3, 2, rng=0), np.zeros((0, 3))).checked == 8


def test_functions_bring_their_backward_and_modules_do_not():
    with pytest.raises(TypeError, match="backward"):
        gradcheck(np.square, X)
    with pytest.raises(TypeError, match="backward"):
        gradcheck(nn.Tanh(), X, backward=lambda g, x: g)
    two = gradcheck(np.multiply, X, X + 1, backward=lambda g, a, b: (g * b, g * a))
    assert two.checked == 30
    with pytest.raises(GradientError, match=r"by b at"):
        gradcheck(lambda a, b: a * b, X, X + 1, backward=lambda g, a, b: (g * b, g * b))


def test_nothing_to_check_is_an_error():
    with pytest.raises(ValueError, match="no float input"):
        gradcheck(lambda x: x / 2, np.arange(3), backward=lambda g, x: None)
    with pytest.raises(ValueError, match="no float output"):
        gradcheck(lambda x: x > 0, X, backward=lambda g, x: g)
    with pytest.raises(TypeError, match="rng"):
        gradcheck(nn.Tanh(), X, rng="seed")


def test_lists_are_arrays():
    report = gradcheck(nn.Linear(2, 1, rng=0), [[1.0, 2.0]])
    assert str(report) == str(gradcheck(nn.Linear(2, 1, rng=0), np.array([[1.0, 2.0]])))
    assert "by x" in str(report)
