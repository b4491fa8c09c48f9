"""devalue for Python: rich JavaScript values in and out of text."""

from devalue.errors import DecodeError, DevalueError, EncodeError

__all__ = ["DecodeError", "DevalueError", "EncodeError"]
