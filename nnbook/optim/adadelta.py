"""Adadelta: steps in the units of the parameters, without a learning rate to choose."""

from typing import Any

import numpy as np

from nnbook.nn._floats import FloatArray
from nnbook.optim._blocks import State
from nnbook.optim.optimizer import Optimizer, Params


class Adadelta(Optimizer):
    r"""Gradient descent whose steps are as long as the steps before.

    Where Adagrad's sum grows forever, and its steps shrink, this is an average that forgets. And
    the average of past steps takes the place of the learning rate. So a step has the unit of the
    parameter, whatever unit the loss has:

    $$\begin{aligned}
    g &\leftarrow \nabla L(\theta) + \lambda \theta \\
    v &\leftarrow \rho v + (1 - \rho) g^2 \\
    \Delta &\leftarrow \frac{\sqrt{u + \epsilon}}{\sqrt{v + \epsilon}}\, g \\
    u &\leftarrow \rho u + (1 - \rho) \Delta^2 \\
    \theta &\leftarrow \theta - \gamma \Delta
    \end{aligned}$$

    Source: Zeiler, ADADELTA: an adaptive learning rate method, 2012.

    Args:
        params: The parameters, or groups of them; see `Optimizer`.
        lr: A factor for all steps, $\gamma$, which the paper does not have.
        rho: How slowly the averages forget, $\rho$.
        eps: How large the very first steps are, $\epsilon$.
        weight_decay: How strongly large weights are pulled to zero, $\lambda$.
        foreach: Not supported.
        capturable: Not supported.
        maximize: Whether to climb instead.
        differentiable: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = optim.Adadelta([weight])
        >>> weight.grad = np.array([3.0, 300.0])
        >>> optimizer.step()  # both by sqrt(eps / 0.1)
        >>> weight.data.round(4)
        array([0.9968, 1.9968])
    """

    def __init__(
        self, params: Params, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6,
        weight_decay: float = 0, foreach: bool | None = None, *, capturable: bool = False,
        maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay,
                    "maximize": maximize, "capturable": capturable, "foreach": foreach,
                    "differentiable": differentiable}  # fmt: skip
        super().__init__(params, defaults)

    def initial_state(self, group: dict[str, Any]) -> dict[str, float | None]:
        """The number of steps, and the averages of squared gradients $v$ and squared steps $u$."""
        del group
        return {"step": 0, "square_avg": 0.0, "acc_delta": 0.0}

    def update(
        self, theta: FloatArray, g: FloatArray, state: State, *, lr: float, rho: float,
        eps: float, weight_decay: float, **_: Any,
    ) -> None:  # fmt: skip
        """One step of the algorithm."""
        state["step"] += 1
        v, u = state["square_avg"], state["acc_delta"]
        if weight_decay:
            g = g + weight_decay * theta
        v *= rho
        v += (1 - rho) * g * g
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u *= rho
        u += (1 - rho) * delta * delta
        theta -= lr * delta
