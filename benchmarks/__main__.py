"""`python -m benchmarks`: measure on one thread, whose idle colleagues would else steal time."""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is imported, for OpenBLAS reads it only then

from benchmarks.run import main  # noqa: E402 - see above

main()
