"""The book's models in PyTorch, on any device. `nnbook.scratch` has the same names in NumPy."""

try:
    import torch  # noqa: F401
except ImportError as error:
    raise ImportError("these models need PyTorch: pip install 'nnbook[torch]'") from error
