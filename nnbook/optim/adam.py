"""Adam and its kin: momentum, and gradients divided by how large they usually are."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnbook.nn._floats import FloatArray
from nnbook.optim._blocks import State
from nnbook.optim.optimizer import Optimizer, Params


class Adam(Optimizer):
    r"""Gradient descent by averages of the gradients (moments), of first and second order.

    Both averages begin at zero, and so are too small for a while. After $t$ steps the weights in
    such an average sum up to $1 - \beta^t$; dividing by that makes up for it:

    $$\begin{aligned}
    g &\leftarrow \nabla L(\theta) + \lambda \theta \\
    m &\leftarrow \beta_1 m + (1 - \beta_1) g, & \hat m &= m / (1 - \beta_1^t) \\
    v &\leftarrow \beta_2 v + (1 - \beta_2) g^2, & \hat v &= v / (1 - \beta_2^t) \\
    \theta &\leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)
    \end{aligned}$$

    AMSGrad takes for $v$ in the last line the largest that it has been. The constant factors are
    put together, in the order that the paper names at the end of its section 2:
    $\hat m / (\sqrt{\hat v} + \epsilon) = \frac{c_2}{c_1}\, m / (\sqrt{v} + c_2 \epsilon)$ with
    $c_1 = 1 - \beta_1^t$ and $c_2 = \sqrt{1 - \beta_2^t}$.

    Sources: Kingma and Ba, Adam: a method for stochastic optimization, 2015; AMSGrad, Reddi, Kale
    and Kumar, On the convergence of Adam and beyond, 2018.

    Args:
        params: The parameters, or groups of them; see `Optimizer`.
        lr: The learning rate $\gamma$.
        betas: How slowly the averages forget, $\beta_1$ and $\beta_2$.
        eps: Keeps the division from exploding, $\epsilon$.
        weight_decay: How strongly large weights are pulled to zero, $\lambda$.
        amsgrad: Whether to divide by the largest average so far.
        foreach: Not supported.
        maximize: Whether to climb instead.
        capturable: Not supported.
        differentiable: Not supported.
        fused: Not supported.
        decoupled_weight_decay: Whether weights decay by themselves, as in `AdamW`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = optim.Adam([weight], lr=0.1)
        >>> weight.grad = np.array([3.0, -0.004])
        >>> optimizer.step()  # the first step has the same length everywhere
        >>> weight.data.round(5)
        array([0.9, 2.1])
    """

    def __init__(
        self, params: Params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0, amsgrad: bool = False, *,
        foreach: bool | None = None, maximize: bool = False, capturable: bool = False,
        differentiable: bool = False, fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                    "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach,
                    "capturable": capturable, "differentiable": differentiable, "fused": fused,
                    "decoupled_weight_decay": decoupled_weight_decay}  # fmt: skip
        super().__init__(params, defaults)

    def initial_state(self, group: dict[str, Any]) -> dict[str, float | None]:
        """The number of steps $t$, the averages $m$ and $v$, and with AMSGrad the largest $v$."""
        largest = {"max_exp_avg_sq": 0.0} if group["amsgrad"] else {}
        return {"step": 0, "exp_avg": 0.0, "exp_avg_sq": 0.0, **largest}

    def update(
        self, theta: FloatArray, g: FloatArray, state: State, *, lr: float,
        betas: tuple[float, float], eps: float, weight_decay: float, amsgrad: bool,
        decoupled_weight_decay: bool, **_: Any,
    ) -> None:  # fmt: skip
        """One step of the algorithm."""
        state["step"] += 1
        t, m, v = state["step"], state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = betas
        if weight_decay and decoupled_weight_decay:
            theta *= 1 - lr * weight_decay
        elif weight_decay:
            g = g + weight_decay * theta
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        if amsgrad:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        c1, c2 = 1 - beta1**t, (1 - beta2**t) ** 0.5
        theta -= lr * c2 / c1 * m / (np.sqrt(v) + c2 * eps)


class AdamW(Adam):
    r"""Adam whose weights decay by themselves, not by way of the gradient.

    In `Adam` the decay $\lambda \theta$ is part of the gradient, and is divided by its usual size
    with it: weights whose gradients are large decay less. Here all decay alike, before the step:

    $$\theta \leftarrow (1 - \gamma \lambda)\, \theta$$

    All else is as in `Adam`, and so its `update` does both.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019.

    Args:
        params: The parameters, or groups of them; see `Optimizer`.
        lr: The learning rate $\gamma$.
        betas: How slowly the averages forget, $\beta_1$ and $\beta_2$.
        eps: Keeps the division from exploding, $\epsilon$.
        weight_decay: How fast the weights decay, $\lambda$.
        amsgrad: Whether to divide by the largest average so far.
        maximize: Whether to climb instead.
        foreach: Not supported.
        capturable: Not supported.
        differentiable: Not supported.
        fused: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = optim.AdamW([weight], lr=0.1, weight_decay=0.5)
        >>> weight.grad = np.array([3.0, -0.004])
        >>> optimizer.step()  # to 95 %, and then as Adam
        >>> weight.data.round(5)
        array([0.85, 2.  ])
    """

    def __init__(
        self, params: Params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 1e-2, amsgrad: bool = False, *,
        maximize: bool = False, foreach: bool | None = None, capturable: bool = False,
        differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize,
            capturable=capturable, differentiable=differentiable, fused=fused,
            decoupled_weight_decay=True,
        )  # fmt: skip

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """As in `Optimizer`; what an `Adam` remembers will do, and the weights decay as here."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True


class NAdam(Optimizer):
    r"""Adam with Nesterov's momentum: the step looks ahead to where the average will be.

    The momentum warms up from $\beta_1 / 2$ to $\beta_1$. What Adam divides $m$ by, since it began
    at zero, becomes a product of all momenta so far:

    $$\begin{aligned}
    g &\leftarrow \nabla L(\theta) + \lambda \theta \\
    \mu_t &= \beta_1 \left(1 - \tfrac{1}{2} \cdot 0.96^{t \psi}\right), \qquad
    \pi_t = \mu_1 \mu_2 \cdots \mu_t \\
    m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
    v &\leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad \hat v = v / (1 - \beta_2^t) \\
    \hat m &= \frac{\mu_{t+1}}{1 - \pi_{t+1}}\, m + \frac{1 - \mu_t}{1 - \pi_t}\, g \\
    \theta &\leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)
    \end{aligned}$$

    Source: Dozat, Incorporating Nesterov momentum into Adam, 2016.

    Args:
        params: The parameters, or groups of them; see `Optimizer`.
        lr: The learning rate $\gamma$.
        betas: How slowly the averages forget, $\beta_1$ and $\beta_2$.
        eps: Keeps the division from exploding, $\epsilon$.
        weight_decay: How strongly large weights are pulled to zero, $\lambda$.
        momentum_decay: How fast the momentum warms up, $\psi$.
        decoupled_weight_decay: Whether weights decay by themselves, as in `AdamW`.
        foreach: Not supported.
        maximize: Whether to climb instead.
        capturable: Not supported.
        differentiable: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = optim.NAdam([weight], lr=0.1)
        >>> weight.grad = np.array([3.0, -0.004])
        >>> optimizer.step()
        >>> weight.data.round(4)
        array([0.8944, 2.1056])
    """

    def __init__(
        self, params: Params, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0, momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False, *, foreach: bool | None = None,
        maximize: bool = False, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
                    "momentum_decay": momentum_decay,
                    "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize,
                    "foreach": foreach, "capturable": capturable,
                    "differentiable": differentiable}  # fmt: skip
        super().__init__(params, defaults)

    def initial_state(self, group: dict[str, Any]) -> dict[str, float | None]:
        r"""The number of steps $t$, the product $\pi$, and the averages $m$ and $v$."""
        del group
        return {"step": 0, "mu_product": 1.0, "exp_avg": 0.0, "exp_avg_sq": 0.0}

    def update(
        self, theta: FloatArray, g: FloatArray, state: State, *, lr: float,
        betas: tuple[float, float], eps: float, weight_decay: float, momentum_decay: float,
        decoupled_weight_decay: bool, **_: Any,
    ) -> None:  # fmt: skip
        """One step of the algorithm."""
        state["step"] += 1
        t, m, v = state["step"], state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = betas
        if weight_decay and decoupled_weight_decay:
            theta *= 1 - lr * weight_decay
        elif weight_decay:
            g = g + weight_decay * theta
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (s * momentum_decay)) for s in (t, t + 1))
        state["mu_product"] *= mu
        product = state["mu_product"]
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        m_hat = mu_next / (1 - product * mu_next) * m + (1 - mu) / (1 - product) * g
        theta -= lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps)
