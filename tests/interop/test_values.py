"""Every type of value crosses, both ways, through a session that one side wrote and the other reads."""

from __future__ import annotations

import pytest

import devalue

from .conftest import Shared
from .samples import SAMPLES


def test_both_lists_of_samples_have_the_same_names(shared: Shared) -> None:
    [names] = shared.visitor().run(shared.astro, ["sample names"])
    assert names == list(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_python_sets_is_the_same_value_for_javascript(shared: Shared, name: str) -> None:
    visitor = shared.visitor()
    visitor.run(shared.python, ["set", "value", SAMPLES[name]])
    assert visitor.run(shared.astro, ["differs from sample", "value", name]) == [""]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_astro_sets_is_the_same_value_for_python(shared: Shared, name: str) -> None:
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set sample", "value", name])
    [value] = visitor.run(shared.python, ["get", "value"])
    assert type(value) is type(SAMPLES[name])
    assert devalue.stringify(value) == devalue.stringify(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_stored_bytes_do_not_tell_who_wrote_them(shared: Shared, name: str) -> None:
    by_astro, by_python = shared.visitor(), shared.visitor()
    by_astro.run(shared.astro, ["set sample", "value", name])
    by_python.run(shared.python, ["set", "value", SAMPLES[name]])
    assert shared.stored(by_python) == shared.stored(by_astro)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_value_survives_being_carried_on_by_the_other_side(shared: Shared, name: str) -> None:
    """Each side sets another key, so each writes the text of a session whose value the other made."""
    visitor = shared.visitor()
    visitor.run(shared.astro, ["set sample", "value", name])
    visitor.run(shared.python, ["set", "by python", 1])
    visitor.run(shared.astro, ["get", "value"], ["set", "by astro", 2])
    assert visitor.run(shared.astro, ["differs from sample", "value", name], ["get", "by python"]) == ["", 1]
    [value] = visitor.run(shared.python, ["get", "value"])
    assert devalue.stringify(value) == devalue.stringify(SAMPLES[name])
