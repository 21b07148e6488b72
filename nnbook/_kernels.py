"""The kernels that are known by name: (numerators, divisor), for either library to make its own.

`"edge"` is the lecture's. Source of the Sobel kernels: Sobel and Feldman, A 3x3 isotropic gradient
operator for image processing, 1968.
"""

ROWS: dict[str, tuple[list[list[float]], float]] = {
    "identity": ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
    "blur": ([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16),
    "sharpen": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
    "emboss": ([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], 1),
    "edge": ([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 1),
    "sobel_x": ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], 1),
    "sobel_y": ([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], 1),
    "laplacian": ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1),
}
