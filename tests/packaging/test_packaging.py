"""The package as people get it: what sdist and wheel hold, and what an install of them does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_COMPILER = {"CC": "false", "CXX": "false"}


def call(*command: str | Path, cwd: Path, **environment: str) -> str:
    """The output of a command; a failure shows it."""
    # Nothing of the run around this one may reach the build: no DEVALUE_ setting, no path of the checkout.
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("DEVALUE_", "PYTHON", "COV_"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def listed_by_git() -> list[str]:
    """What git has or would take."""
    return subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True).splitlines()


def tracked_files() -> list[str]:
    return [name for name in listed_by_git() if (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of the files that git has or would take."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in tracked_files():
        target = checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    call(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", "dist", ".", cwd=checkout)
    [archive] = (checkout / "dist").iterdir()
    return archive


def wheel_of(sdist: Path, folder: Path, environment: Mapping[str, str]) -> Path:
    command = ["wheel", "--quiet", "--no-build-isolation", "--no-index", "--no-deps", "--no-cache-dir", sdist]
    call(sys.executable, "-m", "pip", *command, cwd=folder, **environment)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def pure_wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_of(sdist, tmp_path_factory.mktemp("pure"), NO_COMPILER)


@pytest.fixture(scope="session")
def compiled_wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_of(sdist, tmp_path_factory.mktemp("compiled"), {"DEVALUE_REQUIRE_COMPILED": "1"})


def installed(wheel: Path, folder: Path) -> Path:
    command = ["install", "--quiet", "--no-index", "--no-deps", "--target", folder, wheel]
    call(sys.executable, "-m", "pip", *command, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def pure_install(pure_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(pure_wheel, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def compiled_install(compiled_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(compiled_wheel, tmp_path_factory.mktemp("site"))


def run(site: Path, code: str, **environment: str) -> str:
    """Code in an interpreter that has the installed package, the standard library, and nothing else."""
    prelude = f"import sys; sys.path.insert(0, {str(site)!r})\n"
    return call(sys.executable, "-I", "-S", "-W", "error", "-c", prelude + code, cwd=site, **environment).strip()


def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def package_files(*suffixes: str) -> set[str]:
    return {name for name in tracked_files() if name.startswith("devalue/") and name.endswith(suffixes)}


# --- what they hold --------------------------------------------------------------------------------------------------


def test_the_repository_holds_no_links() -> None:
    """One to a virtual environment of somebody's ended ``make setup`` on every other machine."""
    assert [name for name in listed_by_git() if (ROOT / name).is_symlink()] == []


def test_the_sdist_holds_every_source_and_nothing_that_was_generated(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert package_files("") <= names
    assert {"LICENSE", "README.md", "pyproject.toml", "setup.py"} <= names
    assert not [name for name in names if name.endswith((".c", ".cpp", ".so", ".pyd", ".pyc", ".html"))]


def test_a_wheel_holds_the_modules_and_the_marker_of_types_and_no_sources_of_the_extension(pure_wheel: Path) -> None:
    inside = {name for name in members(pure_wheel) if ".dist-info/" not in name}
    assert inside == package_files(".py", ".typed")


def test_a_compiled_wheel_holds_an_extension_for_each_of_its_sources(compiled_wheel: Path, pure_wheel: Path) -> None:
    extra = {name for name in members(compiled_wheel) - members(pure_wheel) if ".dist-info/" not in name}
    assert {name.partition(".")[0] for name in extra} == {name.removesuffix(".pyx") for name in package_files(".pyx")}
    assert all(name.endswith((".so", ".pyd")) for name in extra)


def test_nothing_is_required(pure_wheel: Path) -> None:
    with zipfile.ZipFile(pure_wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(name).decode())
    required = metadata.get_all("Requires-Dist", [])
    assert [line for line in required if "extra ==" not in line] == []
    assert {"url", "temporal"} <= set(metadata.get_all("Provides-Extra", []))
    assert metadata["License-Expression"] == "MIT"


# --- what they do ----------------------------------------------------------------------------------------------------

REPORT = "import devalue; print(devalue.IMPLEMENTATION, devalue.parse(devalue.stringify({'a': [1]})))"


def test_an_install_without_a_compiler_succeeds_and_says_that_it_is_pure(pure_install: Path) -> None:
    assert run(pure_install, REPORT) == "pure {'a': [1]}"


def test_an_install_from_the_sdist_with_a_compiler_is_compiled(compiled_install: Path) -> None:
    assert run(compiled_install, REPORT) == "compiled {'a': [1]}"
    assert run(compiled_install, REPORT, DEVALUE_PURE="1") == "pure {'a': [1]}"


def test_an_install_that_must_be_compiled_fails_without_a_compiler(sdist: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="false"):
        wheel_of(sdist, tmp_path, {**NO_COMPILER, "DEVALUE_REQUIRE_COMPILED": "1"})


def test_every_module_that_needs_no_extra_imports_without_any_package(pure_install: Path) -> None:
    code = "import devalue.sessions, devalue.temporal, devalue.testing, devalue.__main__; print('ok')"
    assert run(pure_install, code) == "ok"


def test_the_command_line_is_installed_under_its_name(pure_wheel: Path) -> None:
    with zipfile.ZipFile(pure_wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "devalue = devalue.__main__:main" in archive.read(name).decode()


SUBINTERPRETER = """
import devalue
print(devalue.IMPLEMENTATION, flush=True)
code = '''
import sys
sys.path.insert(0, {site!r})
import devalue
text = devalue.stringify([1, devalue.Map([("k", devalue.TypedArray("Int8Array", [1]))])])
assert devalue.stringify(devalue.parse(text)) == text
print(devalue.IMPLEMENTATION, flush=True)
'''
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
other = interpreters.create()
problem = interpreters.run_string(other, code)
assert problem is None, problem
interpreters.destroy(other)
print(devalue.IMPLEMENTATION)
"""


def test_a_subinterpreter_is_served_by_the_twin(compiled_install: Path) -> None:
    code = SUBINTERPRETER.replace("{site!r}", repr(str(compiled_install)))
    assert run(compiled_install, code).split() == ["compiled", "pure", "compiled"]
