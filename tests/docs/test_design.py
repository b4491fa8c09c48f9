"""docs/design.md shows the layers as they are: every module has its place, and imports go one way."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [file for kind in ("py", "pyx") for file in sorted((ROOT / "devalue").rglob(f"*.{kind}"))]
LAYER = re.compile(r"^devalue/(\w+/)?(\w+(?:, \w+)*)(?:  |$)", re.MULTILINE)
IMPORT = re.compile(r"^\s*(?:from|import) (devalue[\w.]*)(?: import (\w+))?", re.MULTILINE)


def layers():
    """Modules and packages, each with its place in the list, from 0."""
    block = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").split("```")[1]
    return {
        f"devalue.{folder.replace('/', '.')}{name}": layer
        for layer, (folder, names) in enumerate(LAYER.findall(block))
        for name in names.split(", ")
    }


LAYERS = layers()


def name_of(file):
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def is_package(name):
    return (ROOT / name.replace(".", "/")).is_dir()


def layer_of(name):
    """Its own, or that of the package it is in; None where the list has neither."""
    name = f"{name}.__init__" if is_package(name) else name
    while name not in LAYERS and "." in name:
        name = name.rpartition(".")[0]
    return LAYERS.get(name)


def imported_by(file):
    for module, name in IMPORT.findall(file.read_text(encoding="utf-8")):
        yield f"{module}.{name}" if name and is_package(f"{module}.{name}") else module


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_imports_from_its_own_layer_and_those_above_it_in_the_list(file):
    own = layer_of(name_of(file))
    assert own is not None, "the list has no place for it"
    below = [module for module in imported_by(file) if not (layer_of(module) or 0) <= own]
    assert below == []


def test_everything_in_the_list_is_there():
    assert set(LAYERS) <= {name for file in MODULES for name in (name_of(file), name_of(file.parent))}
