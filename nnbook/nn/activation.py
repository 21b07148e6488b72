"""Activation functions as layers: what makes a stack of weighted sums more than one sum."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn._checks import as_grad, one_of, refuse
from nnbook.nn._floats import FloatArray, as_floats, gated
from nnbook.nn._gelu import Approximate
from nnbook.nn.module import Module


class _Elementwise(Module):
    """A function of one number, applied to each: its slope there scales what comes from above."""

    def function(self, x: FloatArray) -> FloatArray:
        """The value at each number."""
        raise NotImplementedError

    def slope(self, x: FloatArray, y: FloatArray) -> Any:
        """The derivative at each number, from the number or from the value there."""
        raise NotImplementedError

    def forward(self, x: ArrayLike) -> FloatArray:
        """The function of each number."""
        x = as_floats(x)
        y = self.function(x)
        self.save_for_backward(x, y)
        return y

    @np.errstate(all="ignore")  # inf * 0 = nan, in PyTorch too
    def backward(self, grad_output: ArrayLike) -> FloatArray:
        r"""$\partial L/\partial x = \partial L/\partial y \; g'(x)$, element by element."""
        x, y = self.saved
        grad, slope = as_grad(grad_output, x.shape, x.dtype), self.slope(x, y)
        return gated(grad, slope) if slope.dtype == bool else grad * slope


class Sigmoid(_Elementwise):
    r"""$\sigma(x) = 1 / (1 + e^{-x})$, between 0 and 1.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.Sigmoid()(np.array([-2.0, 0.0, 2.0])).round(3)
        array([0.119, 0.5  , 0.881])
    """

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.sigmoid`."""
        return F.sigmoid(x)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        r"""$\sigma' = \sigma (1 - \sigma)$."""
        return y * (1.0 - y)


class Tanh(_Elementwise):
    r"""The hyperbolic tangent, between -1 and 1.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.Tanh()(np.array([-1.0, 0.0, 1.0])).round(3)
        array([-0.762,  0.   ,  0.762])
    """

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.tanh`."""
        return F.tanh(x)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        r"""$\tanh' = 1 - \tanh^2$."""
        return 1.0 - y * y


class ReLU(_Elementwise):
    """The rectifier: positive numbers pass, the others become 0.

    Args:
        inplace: Not supported: an input that changes under its owner's hands teaches nothing.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.ReLU()(np.array([-1.0, 0.0, 1.0]))
        array([0., 0., 1.])
    """

    def __init__(self, inplace: bool = False) -> None:
        refuse("ReLU", inplace=inplace)

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.relu`."""
        return F.relu(x)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        """1 where it passes, 0 where it does not; 0 at the kink by convention."""
        return ~(y <= 0)  # rather than y > 0, which is false for NaN: it lets the gradient pass


class LeakyReLU(_Elementwise):
    """A rectifier that lets a little of the negative numbers pass.

    Args:
        negative_slope: How much of them.
        inplace: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.LeakyReLU(0.1)(np.array([-1.0, 0.0, 1.0]))
        array([-0.1,  0. ,  1. ])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        refuse("LeakyReLU", inplace=inplace)
        self.negative_slope = negative_slope

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.leaky_relu`."""
        return F.leaky_relu(x, self.negative_slope)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        """1 on the right, `negative_slope` on the left and at the kink."""
        return F.leaky_relu_derivative(x, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope, as PyTorch shows it."""
        return f"negative_slope={self.negative_slope}"


class ELU(_Elementwise):
    r"""The exponential linear unit: $x$ on the right, $\alpha (e^x - 1)$ on the left.

    Args:
        alpha: How far below zero it goes.
        inplace: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.ELU()(np.array([-1.0, 0.0, 1.0])).round(3)
        array([-0.632,  0.   ,  1.   ])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        refuse("ELU", inplace=inplace)
        self.alpha = alpha

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.elu`."""
        return F.elu(x, self.alpha)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        r"""1 on the right, $\alpha e^x$ on the left."""
        return F.elu_derivative(x, self.alpha)

    def extra_repr(self) -> str:
        """Alpha, as PyTorch shows it."""
        return f"alpha={self.alpha}"


class GELU(_Elementwise):
    r"""The Gaussian error linear unit, $x \, \Phi(x)$.

    Args:
        approximate: `"tanh"` for the approximation of the first models, else `"none"`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.GELU()(np.array([-1.0, 0.0, 1.0])).round(3)
        array([-0.159,  0.   ,  0.841])
    """

    def __init__(self, approximate: Approximate = "none") -> None:
        one_of("approximate", approximate, ("none", "tanh"))
        self.approximate = approximate

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.gelu`."""
        return F.gelu(x, self.approximate)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        r"""$\Phi(x) + x \varphi(x)$."""
        return F.gelu_derivative(x, self.approximate)

    def extra_repr(self) -> str:
        """The form, as PyTorch shows it."""
        return f"approximate={self.approximate!r}"


class SiLU(_Elementwise):
    r"""The sigmoid linear unit, $x \, \sigma(x)$, also called swish.

    Args:
        inplace: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.SiLU()(np.array([-1.0, 0.0, 1.0])).round(3)
        array([-0.269,  0.   ,  0.731])
    """

    def __init__(self, inplace: bool = False) -> None:
        refuse("SiLU", inplace=inplace)

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.silu`."""
        return F.silu(x)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        r"""$\sigma + x \sigma (1 - \sigma)$."""
        return F.silu_derivative(x)


class Softplus(_Elementwise):
    r"""A rectifier with its kink rounded off, $\frac{1}{\beta} \ln(1 + e^{\beta x})$.

    Args:
        beta: How sharp the bend is.
        threshold: From `beta * x` above it on, the line itself.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.Softplus()(np.array([-1.0, 0.0, 1.0])).round(3)
        array([0.313, 0.693, 1.313])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.softplus`."""
        return F.softplus(x, self.beta, self.threshold)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        r"""$\sigma(\beta x)$, and 1 above the threshold."""
        return F.softplus_derivative(x, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The options, as PyTorch shows them."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardtanh(_Elementwise):
    """The number itself, but not below `min_val` nor above `max_val`.

    Args:
        min_val: The floor.
        max_val: The ceiling.
        inplace: Not supported.

    Raises:
        ValueError: If the floor is not below the ceiling.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.Hardtanh()(np.array([-2.0, 0.5, 2.0]))
        array([-1. ,  0.5,  1. ])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        refuse("Hardtanh", inplace=inplace)
        if not min_val < max_val:
            raise ValueError(f"min_val is {min_val}; it must be below max_val, which is {max_val}")
        self.min_val, self.max_val = min_val, max_val

    def function(self, x: FloatArray) -> FloatArray:
        """`functional.hardtanh`."""
        return F.hardtanh(x, self.min_val, self.max_val)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        """1 between floor and ceiling, else 0."""
        return (y > self.min_val) & (y < self.max_val)

    def extra_repr(self) -> str:
        """Floor and ceiling, as PyTorch shows them."""
        return f"min_val={self.min_val}, max_val={self.max_val}"
