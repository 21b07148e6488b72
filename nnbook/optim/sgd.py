"""Stochastic gradient descent: downhill, step by step, perhaps with momentum."""

from typing import Any

from nnbook.nn._floats import FloatArray
from nnbook.optim._blocks import State
from nnbook.optim.optimizer import Optimizer, Params


class SGD(Optimizer):
    r"""Stochastic gradient descent, $\theta \leftarrow \theta - \gamma g$.

    With momentum $\mu$ the parameters follow a sum of all gradients so far, in which older ones
    fade, as a ball rolls on down a slope:

    $$\begin{aligned}
    g &\leftarrow \nabla L(\theta) + \lambda \theta \\
    b &\leftarrow \mu b + (1 - \tau) g, \quad \text{at first } b = g \\
    \theta &\leftarrow \theta - \gamma b, \quad
    \text{or, Nesterov's way, } \theta \leftarrow \theta - \gamma (g + \mu b)
    \end{aligned}$$

    Sources: Robbins and Monro, A stochastic approximation method, 1951; Polyak, Some methods of
    speeding up the convergence of iteration methods, 1964; Sutskever, Martens, Dahl and Hinton, On
    the importance of initialization and momentum in deep learning, 2013.

    Args:
        params: The parameters, or groups of them; see `Optimizer`.
        lr: The learning rate $\gamma$.
        momentum: How much of the past remains, $\mu$.
        dampening: How much of the new gradient is held back, $\tau$.
        weight_decay: How strongly large weights are pulled to zero, $\lambda$.
        nesterov: Whether to look ahead, to where momentum will carry.
        maximize: Whether to climb instead.
        foreach: Not supported.
        differentiable: Not supported.
        fused: Not supported.

    Raises:
        ValueError: If an option is out of its range, or `nesterov` comes without momentum or with
            dampening.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = optim.SGD([weight], lr=0.1, momentum=0.9)
        >>> for _ in range(2):
        ...     weight.grad = np.array([1.0, 0.0])
        ...     optimizer.step()  # by 0.1 * 1, then by 0.1 * (0.9 * 1 + 1)
        >>> weight.data
        array([0.71, 2.  ])
    """

    def __init__(
        self, params: Params, lr: float = 1e-3, momentum: float = 0, dampening: float = 0,
        weight_decay: float = 0, nesterov: bool = False, *, maximize: bool = False,
        foreach: bool | None = None, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "momentum": momentum, "dampening": dampening,
                    "weight_decay": weight_decay, "nesterov": nesterov, "maximize": maximize,
                    "foreach": foreach, "differentiable": differentiable,
                    "fused": fused}  # fmt: skip
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"nesterov=True needs momentum and no dampening; got momentum={momentum}, "
                f"dampening={dampening}"
            )
        super().__init__(params, defaults)

    def initial_state(self, group: dict[str, Any]) -> dict[str, float | None]:
        """The sum of past gradients $b$, which begins as the first of them."""
        return {"momentum_buffer": None} if group["momentum"] else {}

    def update(
        self, theta: FloatArray, g: FloatArray, state: State, *, lr: float, momentum: float,
        dampening: float, weight_decay: float, nesterov: bool, **_: Any,
    ) -> None:  # fmt: skip
        """One step of the algorithm."""
        if weight_decay:
            g = g + weight_decay * theta
        if momentum:
            b = state["momentum_buffer"]
            if b is None:
                b = state["momentum_buffer"] = g.copy()
            else:
                b *= momentum
                b += (1 - dampening) * g
            g = g + momentum * b if nesterov else b
        theta -= lr * g
