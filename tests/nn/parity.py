"""The same layer twice, ours and PyTorch's: same weights, same input, same answers, same gradients.

A layer's `backward` takes one gradient for each output and answers one for each input, in the
order and nesting of `forward`: `(output, h_n)` in, `(grad_input, grad_h_0)` out.
"""

import numpy as np
import torch

TOLERANCE = {
    np.dtype("float64"): {"rtol": 1e-9, "atol": 1e-11},
    np.dtype("float32"): {"rtol": 2e-4, "atol": 2e-5},
}


def to_numpy(value):
    """Tensors to arrays, inside tuples, lists and dictionaries too."""
    if isinstance(value, torch.Tensor):
        return value.detach().numpy().copy()
    if isinstance(value, (tuple, list)):
        return type(value)(to_numpy(v) for v in value)
    if isinstance(value, dict):
        return {k: to_numpy(v) for k, v in value.items()}
    return value


def to_torch(value):
    """Arrays to tensors; those of floats ask for a gradient."""
    if isinstance(value, np.ndarray):
        tensor = torch.from_numpy(value.copy())
        return tensor.requires_grad_() if value.dtype.kind == "f" else tensor
    if isinstance(value, (tuple, list)):
        return type(value)(to_torch(v) for v in value)
    return value


def same(ours, theirs, what):
    """Equal shapes, equal types, and equal numbers within what rounding does."""
    if isinstance(theirs, (tuple, list)):
        assert isinstance(ours, (tuple, list)), f"{what}: {type(ours)} for {type(theirs)}"
        assert len(ours) == len(theirs), what
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            same(a, b, f"{what}[{i}]")
        return
    if theirs is None:
        assert ours is None, what
        return
    ours, theirs = np.asarray(ours), to_numpy(theirs)
    assert ours.shape == theirs.shape, f"{what}: shape {ours.shape} for {theirs.shape}"
    assert ours.dtype == theirs.dtype, f"{what}: {ours.dtype} for {theirs.dtype}"
    tolerance = TOLERANCE.get(theirs.dtype, {})
    np.testing.assert_allclose(ours, theirs, err_msg=what, **tolerance)


def copy_weights(ours, theirs):
    """PyTorch's parameters and buffers, loaded by their own keys."""
    ours.load_state_dict(to_numpy(dict(theirs.state_dict())))


def like_random(rng, value):
    """Numbers at random in the shapes of an output, for the gradient that arrives from above."""
    if isinstance(value, tuple):
        return tuple(like_random(rng, v) for v in value)
    return None if value is None else rng.normal(size=value.shape).astype(to_numpy(value).dtype)


def leaves(value):
    """The tensors inside nested tuples."""
    if isinstance(value, (tuple, list)):
        return [leaf for v in value for leaf in leaves(v)]
    return [value] if isinstance(value, torch.Tensor) else []


def grads_of(value):
    """The gradients that PyTorch left at its inputs, nested as the inputs are; zero where none."""
    if isinstance(value, (tuple, list)):
        return tuple(grads_of(v) for v in value)
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return None
    return torch.zeros_like(value) if value.grad is None else value.grad


def compare(ours, theirs, *args, rng=0, copy=True, inputs=None, **kwargs):
    """Assert that a module and PyTorch's agree on outputs and on all gradients, twice.

    Args:
        ours: Our module.
        theirs: PyTorch's.
        *args: Arrays, or tuples of arrays, for both.
        rng: A seed for the gradient from above.
        copy: Whether to copy PyTorch's weights to ours first.
        inputs: How many of the arguments get a gradient; all by default.
        **kwargs: Further arguments, without gradients.
    """
    generator = np.random.default_rng(rng)
    if copy:
        copy_weights(ours, theirs)
    torch_args = [to_torch(a) for a in args]
    torch_kwargs = {
        k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in kwargs.items()
    }
    expected, output = theirs(*torch_args, **torch_kwargs), ours(*args, **kwargs)
    same(output, expected, "output")

    grad = like_random(generator, expected)
    outputs, upstream = leaves(expected), [g for g in leaves(to_torch(grad)) if g is not None]
    for times in (1, 2):  # the second backward adds to the first
        pairs = zip(outputs, upstream, strict=True)
        wanted = [(o, g.detach()) for o, g in pairs if o.requires_grad]
        for tensor in leaves(torch_args):
            tensor.grad = None  # ours answers anew each time; only parameters accumulate
        if wanted:
            torch.autograd.backward(*zip(*wanted, strict=True), retain_graph=True)
        answer = ours.backward(*grad) if isinstance(grad, tuple) else ours.backward(grad)
        answers = answer if isinstance(answer, tuple) else (answer,)
        for i, arg in enumerate(torch_args[: len(args) if inputs is None else inputs]):
            same(answers[i], grads_of(arg), f"gradient by input {i}, backward {times}")
        theirs_named = dict(theirs.named_parameters())
        assert [n for n, _ in ours.named_parameters()] == list(theirs_named)
        for name, parameter in ours.named_parameters():
            want = theirs_named[name].grad
            want = torch.zeros_like(theirs_named[name]) if want is None else want
            got = np.zeros_like(parameter.data) if parameter.grad is None else parameter.grad
            same(got, want, f"gradient by {name}, backward {times}")
    for key, value in theirs.state_dict().items():
        same(ours.state_dict()[key], value, f"state {key} afterwards")
    return output
