"""RMSprop: each gradient divided by how large it usually is."""

from typing import Any

import numpy as np

from nnbook.nn._floats import FloatArray
from nnbook.optim._blocks import State
from nnbook.optim.optimizer import Optimizer, Params


class RMSprop(Optimizer):
    r"""Gradient descent with gradients divided by the root of their mean square.

    The mean is one that forgets, so that the steps do not shrink forever as Adagrad's do. Centered,
    the square of the mean gradient $a$ is taken off, and the root is a standard deviation:

    $$\begin{aligned}
    g &\leftarrow \nabla L(\theta) + \lambda \theta \\
    v &\leftarrow \alpha v + (1 - \alpha) g^2 \\
    a &\leftarrow \alpha a + (1 - \alpha) g, \quad a = 0 \text{ if not centered} \\
    b &\leftarrow \mu b + \frac{g}{\sqrt{v - a^2} + \epsilon} \\
    \theta &\leftarrow \theta - \gamma b
    \end{aligned}$$

    Sources: Tieleman and Hinton, Lecture 6.5: RMSProp, 2012; centered, Graves, Generating sequences
    with recurrent neural networks, 2013.

    Args:
        params: The parameters, or groups of them; see `Optimizer`.
        lr: The learning rate $\gamma$.
        alpha: How slowly the averages forget, $\alpha$.
        eps: Keeps the division from exploding, $\epsilon$.
        weight_decay: How strongly large weights are pulled to zero, $\lambda$.
        momentum: How much of the past steps remains, $\mu$.
        centered: Whether to divide by a standard deviation.
        capturable: Not supported.
        foreach: Not supported.
        maximize: Whether to climb instead.
        differentiable: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = optim.RMSprop([weight], lr=0.01, alpha=0.75)
        >>> weight.grad = np.array([3.0, -0.004])
        >>> optimizer.step()  # by 0.01 / sqrt(0.25)
        >>> weight.data.round(4)
        array([0.98, 2.02])
    """

    def __init__(
        self, params: Params, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0, momentum: float = 0, centered: bool = False,
        capturable: bool = False, foreach: bool | None = None, maximize: bool = False,
        differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps,
                    "centered": centered, "weight_decay": weight_decay, "capturable": capturable,
                    "foreach": foreach, "maximize": maximize,
                    "differentiable": differentiable}  # fmt: skip
        super().__init__(params, defaults)

    def initial_state(self, group: dict[str, Any]) -> dict[str, float | None]:
        """The number of steps, the mean square $v$, and where asked for $b$ and the mean $a$."""
        state: dict[str, float | None] = {"step": 0, "square_avg": 0.0}
        if group["momentum"]:
            state["momentum_buffer"] = 0.0
        if group["centered"]:
            state["grad_avg"] = 0.0
        return state

    def update(
        self, theta: FloatArray, g: FloatArray, state: State, *, lr: float, alpha: float,
        eps: float, weight_decay: float, momentum: float, centered: bool, **_: Any,
    ) -> None:  # fmt: skip
        """One step of the algorithm."""
        state["step"] += 1
        v = variance = state["square_avg"]
        if weight_decay:
            g = g + weight_decay * theta
        v *= alpha
        v += (1 - alpha) * g * g
        if centered:
            a = state["grad_avg"]
            a *= alpha
            a += (1 - alpha) * g
            variance = v - a * a
        g = g / (np.sqrt(variance) + eps)
        if momentum:
            b = state["momentum_buffer"]
            b *= momentum
            b += g
            g = b
        theta -= lr * g
