r"""Along a sequence and back: what all recurrent networks share.

A recurrent network is one layer, used again at every step with the same weights. Unrolled, it is a
network as deep as the sequence is long, and its gradient comes from going back through all steps:
*backpropagation through time*. At step $t$, the state $\mathbf{h}_t$ hears of the loss from the
output there, and from the step after it:

$$\frac{\partial L}{\partial \mathbf{h}_t} = \frac{\partial L}{\partial \mathbf{y}_t}
+ W_{hh}^\top \frac{\partial L}{\partial \mathbf{u}_{t+1}} + \dots$$

Here $\mathbf{u}_{t+1} = W_{hh} \mathbf{h}_t + \mathbf{b}_{hh}$ are the sums of the state, and the
dots are what goes past them; see `_recurrent_steps`. The weights are the same at every step, so
what they hear there is added up, as for the sums of the input $\mathbf{a}_t = W_{ih} \mathbf{x}_t +
\mathbf{b}_{ih}$:

$$\frac{\partial L}{\partial W_{hh}} = \sum_t \frac{\partial L}{\partial \mathbf{u}_t}\,
\mathbf{h}_{t-1}^\top, \qquad
\frac{\partial L}{\partial W_{ih}} = \sum_t \frac{\partial L}{\partial \mathbf{a}_t}\,
\mathbf{x}_t^\top, \qquad
\frac{\partial L}{\partial \mathbf{x}_t} = W_{ih}^\top \frac{\partial L}{\partial \mathbf{a}_t}$$

Only the product with $W_{hh}$ has to wait for the step before. All other products are made for all
steps at once, outside the loop: forward the sums of the input, and on the way back these three.

Source: Werbos, Backpropagation through time: what it does and how to do it, 1990.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from nnbook.nn._floats import FloatArray
from nnbook.nn._recurrent_steps import Moment, States, Step


class Weights(NamedTuple):
    """The weights of one layer in one direction, in PyTorch's order; or their gradients.

    T steps, N sequences, F inputs, H units; P numbers in the state h, as many as there are units
    unless an LSTM projects it.
    """

    ih: Any  # (gates * H, F)
    hh: Any  # (gates * H, P)
    b_ih: Any = None  # (gates * H,)
    b_hh: Any = None  # (gates * H,)
    hr: Any = None  # (P, H), the projection


class Walk(NamedTuple):
    """What a walk along the sequences leaves for the way back."""

    x: FloatArray  # (T, N, F)
    states: list[FloatArray]  # (T + 1, N, P or H) each: before the first step, and after each
    hidden: FloatArray  # (T, N, H), h as the steps make it, before a projection
    notes: FloatArray  # (notes, T, N, H)

    def at(self, t: int) -> Moment:
        """Step t of it."""
        before = [s[t] for s in self.states]
        after = [self.hidden[t], *(s[t + 1] for s in self.states[1:])]
        return Moment(self.notes[:, t], before, after)


@np.errstate(all="ignore")  # infinity and NaN pass without a warning, as in PyTorch
def walk(step: Step, x: FloatArray, hx: States, w: Weights) -> Walk:
    """From the first step to the last.

    Args:
        step: What a step does.
        x: The sequences, (T, N, F).
        hx: The states before the first step, (N, P) or (N, H) each.
        w: The weights.
    """
    done = _prepare(step, x, hx, w)
    w_hh = np.ascontiguousarray(_by_gate(w.hh, step).swapaxes(1, 2))  # laid out once for all steps
    u = np.empty((step.gates, *done.hidden.shape[1:]), x.dtype)
    for t in range(len(x)):
        at = done.at(t)
        np.matmul(at.before[0], w_hh, out=u)  # (N, P) @ (gates, P, H) -> (gates, N, H)
        if w.b_hh is not None:
            u += w.b_hh.reshape(step.gates, 1, -1)
        step.forward(at, u)
        if w.hr is not None:
            np.matmul(at.after[0], w.hr.T, out=done.states[0][t + 1])  # (N, H) @ (H, P) -> (N, P)
    return done


def _prepare(step: Step, x: FloatArray, hx: States, w: Weights) -> Walk:
    """Memory for all steps, and in it what is known before the first: the sums of the inputs."""
    steps, n, features = x.shape
    size = len(w.hh) // step.gates
    notes = np.empty((step.notes, steps, n, size), x.dtype)
    a = notes[: step.gates].reshape(step.gates, steps * n, size)
    # (T N, F) @ (gates, F, H) -> (gates, T N, H)
    np.matmul(x.reshape(steps * n, features), _by_gate(w.ih, step).swapaxes(1, 2), out=a)
    if w.b_ih is not None:
        a += w.b_ih.reshape(step.gates, 1, -1)
    states = [np.empty((steps + 1, *h.shape), x.dtype) for h in hx]
    for all_steps, first in zip(states, hx, strict=True):
        all_steps[0] = first
    hidden = states[0][1:] if w.hr is None else np.empty((steps, n, size), x.dtype)
    return Walk(x, states, hidden, notes)


@np.errstate(all="ignore")
def walk_back(
    step: Step, grad_output: FloatArray, grad_last: States, done: Walk, w: Weights, want_x: bool
) -> tuple[FloatArray | None, States, Weights]:
    """From the last step to the first.

    Args:
        step: What a step does.
        grad_output: The gradient by h after every step, (T, N, P).
        grad_last: The gradients by the states after the last step, from whoever took them.
        done: The walk.
        w: The weights.
        want_x: Whether the first of the gradients is wanted.

    Returns:
        The gradients by `x` (or `None`), by the states before the first step, and by the weights.
    """
    grad_a = np.empty((step.gates, *done.hidden.shape), done.x.dtype)  # (gates, T, N, H)
    grad_u = grad_a if step.adds else np.empty_like(grad_a)
    grad_hr = None if w.hr is None else np.zeros_like(w.hr)
    w_hh, grads = _by_gate(w.hh, step), list(grad_last)
    for t in reversed(range(len(done.x))):
        grads[0] = grads[0] + grad_output[t]
        if w.hr is not None:  # h = W_hr hidden: a linear layer, with the gradients of one
            grad_hr += grads[0].T @ done.hidden[t]  # (P, N) @ (N, H) -> (P, H)
            grads[0] = grads[0] @ w.hr  # (N, P) @ (P, H) -> (N, H)
        grads = step.backward(done.at(t), grads, grad_a[:, t], grad_u[:, t])
        grads[0] = grads[0] + _through(grad_u[:, t], w_hh)
    a, u = (g.reshape(len(g), -1, g.shape[-1]) for g in (grad_a, grad_u))  # (gates, T N, H)
    grad_x = _through(a, _by_gate(w.ih, step)).reshape(done.x.shape) if want_x else None
    by_ih, by_hh = _by_weight(a, done.x), _by_weight(u, done.states[0][:-1])
    return grad_x, grads, Weights(by_ih, by_hh, _by_bias(a), _by_bias(u), grad_hr)


def read(
    step: Step, x: FloatArray, hx: States, weights: Sequence[Weights]
) -> tuple[FloatArray, list[Walk]]:
    """One layer, in one direction or in both.

    Args:
        step: What a step does.
        x: The sequences, (T, N, F).
        hx: The states before the first step, (directions, N, P) or (directions, N, H) each.
        weights: The weights of each direction.

    Returns:
        The outputs, (T, N, directions * P), and the walks that made them.
    """
    walks = [
        walk(step, _turn(x, direction), [h[direction] for h in hx], w)
        for direction, w in enumerate(weights)
    ]
    outputs = [_turn(done.states[0][1:], direction) for direction, done in enumerate(walks)]
    return np.concatenate(outputs, axis=2), walks


def read_back(
    step: Step, grad_output: FloatArray, grad_last: States, walks: Sequence[Walk],
    weights: Sequence[Weights], want_x: bool,
) -> tuple[Any, list[FloatArray], list[Weights]]:  # fmt: skip
    """The way back through one layer; what goes in and comes out is that of `walk_back`."""
    parts = np.split(grad_output, len(walks), axis=2)  # (T, N, P) for each direction
    backs = [
        walk_back(step, _turn(part, d), [g[d] for g in grad_last], done, w, want_x)
        for d, (part, done, w) in enumerate(zip(parts, walks, weights, strict=True))
    ]
    by_x, by_states, by_weights = zip(*backs, strict=True)
    # Both directions have read the same input, so what it hears from them is added.
    grad_x = reduce(np.add, (_turn(g, d) for d, g in enumerate(by_x))) if want_x else None
    return grad_x, [np.stack(g) for g in zip(*by_states, strict=True)], list(by_weights)


def _turn(sequences: FloatArray, direction: int) -> FloatArray:
    """As the direction reads them, or back again: the second one starts at the end."""
    return sequences[::-1] if direction == 1 else sequences


def _by_gate(weight: FloatArray, step: Step) -> FloatArray:
    """(gates * H, F) to (gates, H, F)."""
    return weight.reshape(step.gates, -1, weight.shape[-1])


def _through(grad: FloatArray, weight: FloatArray) -> Any:
    """The gradient by what went into the sums: into those of all gates, so they are added."""
    return np.matmul(grad, weight).sum(axis=0)  # (gates, N, H) @ (gates, H, F) -> (N, F)


def _by_weight(grad: FloatArray, inputs: FloatArray) -> Any:
    """The gradient by the weights, from that by their sums at all steps."""
    features = inputs.shape[-1]
    # (gates, H, T N) @ (T N, F) -> (gates, H, F)
    by_gate = grad.swapaxes(1, 2) @ inputs.reshape(-1, features)
    return by_gate.reshape(-1, features)


def _by_bias(grad: FloatArray) -> Any:
    """The gradient by the biases: they went into the sums of every sequence at every step."""
    return grad.sum(axis=1).reshape(-1)  # (gates, T N, H) -> (gates * H,)
