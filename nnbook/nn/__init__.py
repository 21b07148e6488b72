"""Neural networks in NumPy, under the names of `torch.nn`."""

from nnbook.nn import functional

__all__ = ["functional"]
