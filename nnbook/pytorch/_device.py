"""Where a model runs."""

import torch


def resolve_device(
    device: str | torch.device = "auto", dtype: torch.dtype = torch.float32
) -> torch.device:
    """The device named; "auto" is a GPU that can compute with `dtype` if there is one.

    Args:
        device: A name such as "cpu" or "cuda:1", or "auto".
        dtype: The floats to compute with; Apple's GPUs have no float64.

    Examples:
        >>> resolve_device("cpu")
        device(type='cpu')
    """
    if device != "auto":
        return torch.device(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available() and dtype != torch.float64:
        return torch.device("mps")
    return torch.device("cpu")
