"""JavaScript values that Python has no type for."""
