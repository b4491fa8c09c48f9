"""Every operation once, for tools that watch the process: ``python -m tests.isolated.once``."""

from __future__ import annotations

from tests.isolated.samples import OPERATIONS


def main() -> None:
    for operation in OPERATIONS.values():
        operation()
    print(f"{len(OPERATIONS)} operations ran")


if __name__ == "__main__":
    main()
