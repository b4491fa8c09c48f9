"""``python -m devalue``: see ``python -m devalue --help``."""

import sys

from devalue._cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
