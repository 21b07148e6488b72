"""How fast is nnbook, next to PyTorch and scikit-learn on the same machine? `make bench` asks."""
