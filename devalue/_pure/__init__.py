"""The reference codec in plain Python: what the compiled one must equal, and what serves where that is not built."""
