"""The short form of `make fuzz`: every target over all seeds, and over a few seconds of mutations."""

import pytest

from fuzz import javascript
from fuzz.__main__ import run
from fuzz.mutate import mutated
from fuzz.seeds import seeds
from fuzz.targets import TARGETS
from tests.node.oracle import Oracle


@pytest.mark.parametrize("target", TARGETS)
def test_every_seed_and_every_former_finding_keeps_the_promises(target):
    for seed in seeds():
        TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
def test_mutations_find_nothing(target):
    assert run(target, seconds=3, seed=20_261_123) > 100


def test_mutations_are_judged_as_by_javascript():
    oracle = Oracle()
    assert javascript.run(oracle, seconds=3, seed=20_261_123) > 100
    oracle.close()


def test_a_mutation_is_repeatable():
    assert mutated(seeds()[0], 7) == mutated(seeds()[0], 7)
