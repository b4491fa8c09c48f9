"""Django's own tests of a session engine, which only its source distribution holds."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import django

__all__ = ["django_tests"]

_TOOLS = Path(__file__).resolve().parents[2] / ".tools"


def django_tests() -> Path:
    """The directory of Django's tests, of the version that is installed; fetched with pip on first use."""
    name = f"django-{django.__version__}"
    unpacked = _TOOLS / name / "tests"
    if not unpacked.is_dir():
        archive = _fetched(name)
        with tarfile.open(archive) as tar:
            members = [member for member in tar.getmembers() if member.name.startswith(f"{name}/tests/sessions_tests/")]
            tar.extractall(_TOOLS, members, filter="data")
    return unpacked


def _fetched(name: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "django"]
    subprocess.run(
        [*command, "--no-build-isolation", "--dest", str(_TOOLS), f"django=={django.__version__}"],
        check=True,
        timeout=300,
    )
    return _TOOLS / f"{name}.tar.gz"
