"""Kernels and Gabor functions: by hand, by SciPy, and what they promise."""

import numpy as np
import pytest
from scipy import signal

from nnbook.scratch.filters import KERNELS, convolve2d, correlate2d, gabor

rng = np.random.default_rng(0)


@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 4), (5, 1)])
def test_both_are_those_of_scipy(padding, stride, shape):
    image, kernel = rng.normal(size=(7, 9)), rng.normal(size=shape)
    padded = np.pad(image, padding)
    for ours, theirs in ((correlate2d, signal.correlate2d), (convolve2d, signal.convolve2d)):
        expected = theirs(padded, kernel, mode="valid")[::stride, ::stride]
        np.testing.assert_allclose(ours(image, kernel, padding, stride), expected, atol=1e-12)


def test_one_pixel_by_hand():
    image = [[1, 2, 3], [4, 5, 6], [7, 8, 10]]
    # 8 * 5 - (1 + 2 + 3 + 4 + 6 + 7 + 8 + 10)
    assert correlate2d(image, KERNELS["edge"]).item() == -1.0
    assert correlate2d(image, KERNELS["sobel_x"]).item() == -1 + 3 + 2 * (6 - 4) - 7 + 10


def test_two_convolutions_are_one():
    image, a, b = rng.normal(size=(9, 9)), rng.normal(size=(3, 3)), rng.normal(size=(2, 4))
    both = convolve2d(np.pad(a, ((1, 1), (3, 3))), b)
    np.testing.assert_allclose(convolve2d(convolve2d(image, a), b), convolve2d(image, both))


def test_kernels_keep_even_light_or_remove_it():
    kept = {"identity", "blur", "sharpen", "emboss"}
    assert {name for name, kernel in KERNELS.items() if np.isclose(kernel.sum(), 1)} == kept
    assert all(np.isclose(KERNELS[name].sum(), 0) for name in KERNELS.keys() - kept)


def test_kernels_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        KERNELS["blur"][0, 0] = 1
    with pytest.raises(TypeError):
        KERNELS["blur"] = None


@pytest.mark.parametrize("theta", [0.0, 0.3, np.pi / 2, 2.0])
@pytest.mark.parametrize("size", [9, 12])
def test_a_gabor_ignores_even_light_and_has_length_one(theta, size):
    w = gabor(size, 5.0, theta, phase=0.7)
    assert w.shape == (size, size)
    assert abs(w.sum()) < 1e-12
    assert np.isclose(np.sum(w**2), 1)


def test_which_way_a_gabor_looks():
    upright, level = gabor(31, 8, 0.0), gabor(31, 8, np.pi / 2)
    np.testing.assert_allclose(level, upright.T, atol=1e-12)
    assert upright.std(axis=0).max() < upright.std(axis=1).max()  # along a stripe little changes
    border = gabor(31, 8, 0.0, phase=-np.pi / 2)
    assert border[15, 17] > 0 > border[15, 13]  # bright on the right
    tilted = gabor(31, 8, np.pi / 4)  # the wave runs to the right and down
    assert tilted[15, 15] > 0 > tilted[18, 18]
    assert tilted[18, 12] > 0  # along the stripe


def test_a_gabor_turned_by_half_a_circle_is_the_same():
    np.testing.assert_allclose(gabor(15, 6, 0.4), gabor(15, 6, 0.4 + np.pi), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gabor(0, 4, 0), ValueError, "size is 0; it must be at least 1"),
        (lambda: gabor(5.0, 4, 0), TypeError, "size must be a whole number, not 5.0"),
        (lambda: gabor(5, 0, 0), ValueError, "wavelength is 0; it must be above 0"),
        (lambda: gabor(5, np.nan, 0), ValueError, "wavelength is nan"),
        (lambda: gabor(5, 4, 0, sigma=-1), ValueError, "sigma is -1"),
        (lambda: gabor(5, 4, 0, gamma=0), ValueError, "gamma is 0"),
        (lambda: gabor(1, 4, 0), ValueError, "all 1 x 1 weights are alike"),
        (lambda: correlate2d(np.ones(3), np.ones((1, 1))), ValueError, r"image has shape \(3,\)"),
        (lambda: correlate2d(np.ones((3, 3)), np.ones(3)), ValueError, r"kernel has shape \(3,\)"),
        (
            lambda: correlate2d(np.ones((2, 5)), np.ones((3, 3))),
            ValueError,
            r"the image with its padding is \(2, 5\); the kernel is \(3, 3\)",
        ),
        (lambda: correlate2d(np.ones((2, 2)), np.ones((0, 0))), ValueError, "the kernel is"),
        (lambda: correlate2d([["a"]], [[1]]), TypeError, "real numbers"),
        (lambda: correlate2d([[1]], [[1]], stride=0), ValueError, "stride is 0"),
        (lambda: correlate2d([[1]], [[1]], padding=-1), ValueError, "padding is -1"),
    ],
)
def test_malformed(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_float32_stays():
    image, kernel = np.ones((4, 4), np.float32), np.ones((2, 2), np.float32)
    assert correlate2d(image, kernel).dtype == np.float32
