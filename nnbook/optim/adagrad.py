"""Adagrad: a learning rate for each parameter, smaller the more it has moved."""

from typing import Any

import numpy as np

from nnbook.nn._floats import FloatArray
from nnbook.optim._blocks import State
from nnbook.optim.optimizer import Optimizer, Params


class Adagrad(Optimizer):
    r"""Gradient descent that slows down where gradients have been large.

    Each number is divided by the length of the vector of all its gradients so far, so that rare
    features, whose gradients are mostly zero, keep a large step:

    $$\begin{aligned}
    g &\leftarrow \nabla L(\theta) + \lambda \theta \\
    s &\leftarrow s + g^2 \\
    \theta &\leftarrow \theta - \frac{\gamma}{1 + (t - 1)\,\eta}\, \frac{g}{\sqrt{s} + \epsilon}
    \end{aligned}$$

    Source: Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic
    optimization, 2011.

    Args:
        params: The parameters, or groups of them; see `Optimizer`.
        lr: The learning rate $\gamma$.
        lr_decay: How the learning rate shrinks besides, $\eta$.
        weight_decay: How strongly large weights are pulled to zero, $\lambda$.
        initial_accumulator_value: Where $s$ begins.
        eps: Keeps the division from exploding, $\epsilon$.
        foreach: Not supported.
        maximize: Whether to climb instead.
        differentiable: Not supported.
        fused: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = optim.Adagrad([weight], lr=0.1)
        >>> weight.grad = np.array([3.0, 0.004])
        >>> optimizer.step()  # the first step has the same length everywhere: g / sqrt(g^2) = 1
        >>> weight.data.round(6)
        array([0.9, 1.9])
    """

    def __init__(
        self, params: Params, lr: float = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
        initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: bool | None = None, *,
        maximize: bool = False, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                    "initial_accumulator_value": initial_accumulator_value, "foreach": foreach,
                    "maximize": maximize, "differentiable": differentiable,
                    "fused": fused}  # fmt: skip
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As in `Optimizer`; the sums begin at once, and so stand in `state_dict()`."""
        super().add_param_group(param_group)
        for block in self._blocks[-1]:
            block.begin(self.initial_state(self.param_groups[-1]))

    def initial_state(self, group: dict[str, Any]) -> dict[str, float | None]:
        """The number of steps $t$, and the sum of squared gradients $s$."""
        return {"step": 0, "sum": group["initial_accumulator_value"]}

    def update(
        self, theta: FloatArray, g: FloatArray, state: State, *, lr: float, lr_decay: float,
        weight_decay: float, eps: float, **_: Any,
    ) -> None:  # fmt: skip
        """One step of the algorithm."""
        state["step"] += 1
        t, s = state["step"], state["sum"]
        if weight_decay:
            g = g + weight_decay * theta
        s += g * g
        theta -= lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(s) + eps)
