"""The filters in PyTorch are those in NumPy."""

import math

import numpy as np
import pytest
import torch

from nnbook.pytorch import filters
from nnbook.scratch import filters as scratch

rng = np.random.default_rng(0)


def test_the_kernels_are_the_same():
    assert filters.KERNELS.keys() == scratch.KERNELS.keys()
    for name, kernel in filters.KERNELS.items():
        np.testing.assert_array_equal(kernel.numpy(), scratch.KERNELS[name])


@pytest.mark.parametrize("name", ["correlate2d", "convolve2d"])
@pytest.mark.parametrize(("padding", "stride"), [(0, 1), (2, 1), (1, 2), (0, 3)])
def test_the_same_feature_maps(name, padding, stride):
    image, kernel = rng.normal(size=(8, 7)), rng.normal(size=(3, 2))
    ours = getattr(scratch, name)(image, kernel, padding, stride)
    theirs = getattr(filters, name)(
        torch.from_numpy(image), torch.from_numpy(kernel), padding, stride
    )
    np.testing.assert_allclose(theirs.numpy(), ours, atol=1e-12)


def test_the_same_gabor():
    w = filters.gabor(9, 5.0, 0.4, phase=0.3, sigma=2.0, gamma=0.7)
    np.testing.assert_allclose(w, scratch.gabor(9, 5.0, 0.4, 0.3, 2.0, 0.7), atol=1e-14)
    np.testing.assert_allclose(filters.gabor(8, 4, -1), scratch.gabor(8, 4, -1), atol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 4, 0), ValueError, "size is 0; it must be at least 1"),
        ((5.0, 4, 0), TypeError, r"size must be a whole number, not 5\.0"),
        ((9, 0, 0), ValueError, "wavelength is 0"),
        ((9, 4, 0, 0, math.nan), ValueError, "sigma is nan"),
        ((9, 4, 0, 0, None, -1), ValueError, "gamma is -1"),
        ((1, 4, 0), ValueError, "all 1 x 1 weights are alike"),
    ],
)
def test_a_gabor_of_the_wrong_kind(arguments, error, message):
    with pytest.raises(error, match=message):
        filters.gabor(*arguments)


def test_malformed():
    with pytest.raises(ValueError, match=r"kernel has shape \(3,\); it must be \(height, width\)"):
        filters.correlate2d(torch.ones(3, 3), torch.ones(3))
    with pytest.raises(ValueError, match=r"image has shape \(3,\)"):
        filters.convolve2d(torch.ones(3), torch.ones(3, 3))
