"""Says which Python is needed, before anything is installed with one that is too old."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"Python 3.11 or newer is needed, this is {found}; name another: make PYTHON=python3.12 …")
