r"""One step of each recurrent network, and the same step back.

A recurrent network reads a sequence one element at a time, and keeps a *state* in between: what it
remembers. Before each step stand weighted sums, of the input and of the state before,

$$\mathbf{a}_t = W_{ih}\, \mathbf{x}_t + \mathbf{b}_{ih}, \qquad
\mathbf{u}_t = W_{hh}\, \mathbf{h}_{t-1} + \mathbf{b}_{hh}$$

one or more of them for each unit: its *gates*. The networks differ in what they make of them, and
that is all that stands here. `_recurrent` makes the sums and walks along the sequence.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from nnbook.nn._floats import FloatArray, gated

States = Sequence[FloatArray]


class Moment(NamedTuple):
    """One step of a walk along the sequences, in memory that is laid out for all of them.

    N sequences, H units. The states are a list, of h, and for an LSTM of h and c.
    """

    notes: Any  # (notes, N, H): the sums of the input; a step writes over them what it needs again
    before: States  # (N, H) each
    after: States  # (N, H) each


class Step:
    r"""From one state to the next.

    Attributes:
        states: How many states there are.
        gates: How many sums each unit makes.
        notes: How many numbers each unit writes down for the way back. First among them are
            $\mathbf{a}_t$, one for each gate.
        adds: Whether $\mathbf{a}_t$ and $\mathbf{u}_t$ are only ever added to one another. Then the
            gradient is the same by both, and is computed and kept once.
    """

    states, gates, notes, adds = 1, 1, 1, True

    def forward(self, at: Moment, u: FloatArray) -> None:
        r"""Fill in the states after the step, and the notes.

        Args:
            at: What is known, and what is to be filled in.
            u: $\mathbf{u}_t$, (gates, N, H).
        """
        raise NotImplementedError

    def backward(self, at: Moment, grads: States, grad_a: Any, grad_u: Any) -> list[Any]:
        r"""Fill in the gradients by the sums.

        Args:
            at: The step as `forward` has left it.
            grads: The gradients by the states after it.
            grad_a: For the gradient by $\mathbf{a}_t$, (gates, N, H).
            grad_u: For that by $\mathbf{u}_t$; the same array if the step only adds them.

        Returns:
            The gradients by the states before the step, as far as they do not go through the sums.
        """
        raise NotImplementedError


class RNNStep(Step):
    r"""The plain one: an activation function of the sum.

    $$\mathbf{h}_t = g(\mathbf{a}_t + \mathbf{u}_t)$$

    On the way back, both sums get the slope times what arrives. For both functions that are used,
    it can be told from the value: $1 - h^2$ for tanh, and for ReLU whether $h$ is positive.

    $$\frac{\partial L}{\partial \mathbf{a}_t} = \frac{\partial L}{\partial \mathbf{u}_t}
    = \frac{\partial L}{\partial \mathbf{h}_t} \odot g'(\mathbf{a}_t + \mathbf{u}_t)$$

    Source: Elman, Finding structure in time, 1990.
    """

    def __init__(self, function: Any, slope: Callable[[FloatArray], Any]) -> None:
        self.function, self.slope = function, slope

    def forward(self, at: Moment, u: FloatArray) -> None:
        """The activation function of the sum."""
        notes, _, (h,) = at
        notes += u
        self.function(notes[0], out=h)

    def backward(self, at: Moment, grads: States, grad_a: Any, grad_u: Any) -> list[Any]:  # noqa: ARG002
        """The slope times what arrives; nothing of the state goes past the sums."""
        slope = self.slope(at.after[0])
        grad_a[0] = gated(grads[0], slope) if slope.dtype == bool else grads[0] * slope
        return [0.0]


class LSTMStep(Step):
    r"""Long short-term memory: a state that is only added to, behind three gates.

    $$\mathbf{i}, \mathbf{f}, \mathbf{o} = \sigma(\mathbf{a}_t + \mathbf{u}_t), \qquad
    \mathbf{g} = \tanh(\mathbf{a}_t + \mathbf{u}_t)$$

    $$\mathbf{c}_t = \mathbf{f} \odot \mathbf{c}_{t-1} + \mathbf{i} \odot \mathbf{g}, \qquad
    \mathbf{h}_t = \mathbf{o} \odot \tanh(\mathbf{c}_t)$$

    each with sums of its own, in the order $i, f, g, o$. On the way back, $\mathbf{c}_t$ hears of
    the loss from the next step, and through $\mathbf{h}_t$. With $\delta x$ short for
    $\partial L/\partial x$, and $\bar\delta\mathbf{c}$ for all that $\mathbf{c}_t$ hears,

    $$\bar\delta \mathbf{c} = \delta \mathbf{c}_t
    + \delta \mathbf{h}_t \odot \mathbf{o} \odot (1 - \tanh^2(\mathbf{c}_t))$$

    $$\delta \mathbf{i} = \bar\delta \mathbf{c} \odot \mathbf{g}, \quad
    \delta \mathbf{f} = \bar\delta \mathbf{c} \odot \mathbf{c}_{t-1}, \quad
    \delta \mathbf{g} = \bar\delta \mathbf{c} \odot \mathbf{i}, \quad
    \delta \mathbf{o} = \delta \mathbf{h}_t \odot \tanh(\mathbf{c}_t)$$

    and each times its slope, $\sigma' = \sigma (1 - \sigma)$ or $\tanh' = 1 - \tanh^2$, is the
    gradient by its sums. Past the sums goes $\delta \mathbf{c}_{t-1} = \bar\delta \mathbf{c} \odot
    \mathbf{f}$: where the gate is open, $f = 1$, the gradient comes through as it is, over any
    number of steps. This is what the network was invented for.

    Sources: Hochreiter and Schmidhuber, Long short-term memory, 1997. Gers, Schmidhuber and
    Cummins, Learning to forget, 2000, for the gate $f$.
    """

    states, gates, notes = 2, 4, 5  # notes: i, f, g, o and tanh(c)

    def forward(self, at: Moment, u: FloatArray) -> None:
        """The gates, the new memory, and what of it is shown."""
        notes, (_, c_before), (h, c) = at
        i, f, g, o, tanh_c = notes
        notes[:4] += u
        sigmoid_(notes[:2])  # i and f
        sigmoid_(o)
        np.tanh(g, out=g)
        np.multiply(f, c_before, out=c)
        c += i * g
        np.tanh(c, out=tanh_c)
        np.multiply(o, tanh_c, out=h)

    def backward(self, at: Moment, grads: States, grad_a: Any, grad_u: Any) -> list[Any]:  # noqa: ARG002
        """The gradients by the four sums; that by the memory goes past them."""
        (i, f, g, o, tanh_c), (_, c_before), _ = at
        grad_h, grad_c = grads
        grad_c = grad_c + grad_h * o * tanh_slope(tanh_c)
        np.multiply(grad_c * g, sigmoid_slope(i), out=grad_a[0])
        np.multiply(grad_c * c_before, sigmoid_slope(f), out=grad_a[1])
        np.multiply(grad_c * i, tanh_slope(g), out=grad_a[2])
        np.multiply(grad_h * tanh_c, sigmoid_slope(o), out=grad_a[3])
        return [0.0, grad_c * f]


class GRUStep(Step):
    r"""The gated recurrent unit: between what was and what is new, one gate decides.

    $$\mathbf{r}, \mathbf{z} = \sigma(\mathbf{a}_t + \mathbf{u}_t), \qquad
    \mathbf{n} = \tanh(\mathbf{a}_t + \mathbf{r} \odot \mathbf{u}_t)$$

    $$\mathbf{h}_t = (1 - \mathbf{z}) \odot \mathbf{n} + \mathbf{z} \odot \mathbf{h}_{t-1}
    = \mathbf{n} + \mathbf{z} \odot (\mathbf{h}_{t-1} - \mathbf{n})$$

    each with sums of its own, in the order $r, z, n$. On the way back, with $\delta x$ short for
    $\partial L / \partial x$, and $s_x$ for the sums inside $\sigma$ or $\tanh$,

    $$\delta s_n = \delta \mathbf{h}_t \odot (1 - \mathbf{z}) \odot (1 - \mathbf{n}^2), \qquad
    \delta s_z = \delta \mathbf{h}_t \odot (\mathbf{h}_{t-1} - \mathbf{n}) \odot
    \mathbf{z} (1 - \mathbf{z})$$

    $$\delta s_r = \delta s_n \odot \mathbf{u}_n \odot \mathbf{r} (1 - \mathbf{r}), \qquad
    \delta \mathbf{u}_n = \delta s_n \odot \mathbf{r}$$

    The last line is where $\mathbf{a}$ and $\mathbf{u}$ differ: $\mathbf{r}$ stands between
    $\mathbf{u}_n$ and the sum. Past all sums goes $\delta \mathbf{h}_t \odot \mathbf{z}$.

    Source: Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk and Bengio, Learning phrase
    representations using RNN encoder-decoder for statistical machine translation, 2014. There
    $\mathbf{r}$ multiplies $\mathbf{h}_{t-1}$ before the sum is made; PyTorch, and we, do it after.
    """

    gates, notes, adds = 3, 4, False  # notes: r, z, n and u_n

    def forward(self, at: Moment, u: FloatArray) -> None:
        """The gates, the candidate, and the mean of it and the old state."""
        notes, (h_before,), (h,) = at
        r, z, n, u_n = notes
        notes[:2] += u[:2]
        sigmoid_(notes[:2])  # r and z
        u_n[...] = u[2]
        n += r * u_n
        np.tanh(n, out=n)
        np.multiply(z, h_before - n, out=h)
        h += n

    def backward(self, at: Moment, grads: States, grad_a: Any, grad_u: Any) -> list[Any]:
        """The gradients by both kinds of sums; a part of that by the state goes past them."""
        (r, z, n, u_n), (h_before,), _ = at
        (grad_h,) = grads
        np.multiply(grad_h * (1.0 - z), tanh_slope(n), out=grad_a[2])
        np.multiply(grad_h * (h_before - n), sigmoid_slope(z), out=grad_a[1])
        np.multiply(grad_a[2] * u_n, sigmoid_slope(r), out=grad_a[0])
        grad_u[:2] = grad_a[:2]
        np.multiply(grad_a[2], r, out=grad_u[2])
        return [grad_h * z]


# The functions, written for arrays that may be overwritten, and their slopes from their values


def sigmoid_(z: FloatArray) -> None:
    r"""$\sigma(z) = (1 + \tanh(z/2)) / 2$, in place: NumPy has a quick tanh, and no sigmoid."""
    z *= 0.5
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5


def relu(z: FloatArray, out: FloatArray) -> None:
    """The larger of a number and 0."""
    np.maximum(z, 0.0, out=out)


def sigmoid_slope(y: FloatArray) -> Any:
    r"""$\sigma' = \sigma (1 - \sigma)$."""
    return y * (1.0 - y)


def tanh_slope(y: FloatArray) -> Any:
    r"""$\tanh' = 1 - \tanh^2$."""
    return 1.0 - y * y


def relu_slope(y: FloatArray) -> Any:
    """1 where the number passed; also for NaN, as in PyTorch."""
    return ~(y <= 0.0)


STEPS: dict[str, Step] = {
    "RNN_TANH": RNNStep(np.tanh, tanh_slope),
    "RNN_RELU": RNNStep(relu, relu_slope),
    "LSTM": LSTMStep(),
    "GRU": GRUStep(),
}
