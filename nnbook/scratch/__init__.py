"""The book's models in NumPy. `nnbook.pytorch` has the same modules and names in PyTorch."""
