"""default=: what to write for a value that could not be written, as in json."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from devalue import BigInt, Boxed, EncodeError, hole, undefined


class Thing:
    pass


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("x", '[[1],"x"]'), ([1], "[[1],[2],1]"), (undefined, "[[-1]]"), (None, "[[1],null]"), (-0.0, "[[-6]]"),
        (0, "[[1],0]"), ("", '[[1],""]'),
    ],
    ids=repr,
)  # fmt: skip
def test_the_result_stands_in_for_the_value_without_a_slot_between(codec, result, text):
    assert codec.stringify([Thing()], default=lambda value: result) == text


@pytest.mark.parametrize(
    "value",
    [object(), Decimal(1), 2**53, datetime(2024, 1, 1), BigInt(10**10_000), print, hole],
    ids=lambda value: type(value).__name__,
)
def test_it_is_asked_for_whatever_could_not_be_written(codec, value):
    assert codec.stringify(value, default=lambda value: "x") == '["x"]'


def test_it_is_not_asked_for_anything_else(codec):
    asked = []
    codec.stringify([1, "a", {"b": [None, True, undefined, BigInt(2**60)]}], default=asked.append)
    assert asked == []


def test_it_is_asked_once_for_each_object_and_all_places_share_the_result(codec):
    asked = []

    def default(value):
        asked.append(value)
        return {"n": len(asked)}

    thing = Thing()
    assert codec.stringify([thing, thing, Thing(), thing], default=default) == '[[1,1,3,1],{"n":2},1,{"n":4},2]'
    assert len(asked) == 2


def test_a_result_that_was_written_before_is_shared(codec):
    shared = [1]
    assert codec.stringify([shared, Thing()], default=lambda value: shared) == "[[1,1],[2],1]"


def test_a_result_may_hold_the_value(codec):
    assert codec.stringify(Thing(), default=lambda value: [value]) == "[[0]]"


def test_results_that_python_frees_at_once_are_not_taken_for_one_another(codec):
    text = codec.stringify([Thing() for _ in range(50)], default=lambda value: [hash(value)])
    assert len({id(item) for item in codec.parse(text)}) == 50


def test_a_result_that_cannot_be_written_is_asked_for_again(codec):
    steps = {Thing: Decimal("1.5"), Decimal: 2**60, int: "done"}
    assert codec.stringify([Thing()], default=lambda value: steps[type(value)]) == '[[1],"done"]'


@pytest.mark.parametrize("default", [lambda value: value, lambda value: Thing()], ids=["itself", "always another"])
def test_a_chain_without_an_end_is_an_error(codec, default):
    with pytest.raises(EncodeError, match="arbitrary non-POJOs") as caught:
        codec.stringify({"a": Thing()}, default=default)
    assert caught.value.path == ".a"


def test_a_result_that_is_the_value_itself_is_not_asked_for_again(codec):
    asked = []
    with pytest.raises(EncodeError):
        codec.stringify(Thing(), default=lambda value: asked.append(value) or value)
    assert len(asked) == 1


def test_reducers_come_first_and_see_the_result_too(codec):
    seen = []
    reducers = {"Spy": seen.append, "Thing": (Thing, lambda value: "thing")}
    assert codec.stringify([Thing(), Decimal(1)], reducers=reducers, default=str) == '[[1,3],["Thing",2],"thing","1"]'
    assert [type(value) for value in seen] == [list, Thing, str, Decimal, str]


@pytest.mark.parametrize("error", [KeyError, StopIteration, TypeError])
def test_an_exception_of_default_passes_through(codec, error):
    def default(value):
        raise error("mine")

    with pytest.raises(error, match="mine"):
        codec.stringify([Thing()], default=default)


def test_naive_tz_comes_before_default(codec):
    asked = []
    text = codec.stringify(datetime(2024, 1, 1), naive_tz=UTC, default=asked.append)
    assert text == '[["Date","2024-01-01T00:00:00.000Z"]]'
    assert asked == []


def test_equal_integers_are_one_value_to_default_too(codec):
    asked = []
    text = codec.stringify([2**60, int("1152921504606846976"), BigInt(2)], default=lambda n: asked.append(n) or str(n))
    assert text == '[[1,1,2],"1152921504606846976",["BigInt","2"]]'
    assert len(asked) == 1


@pytest.mark.parametrize("result", [[1], {}, undefined, b"", datetime(2024, 1, 1, tzinfo=UTC)], ids=repr)
def test_a_box_around_what_default_made_no_primitive_is_refused_since_nobody_could_read_it(codec, result):
    with pytest.raises(EncodeError, match="Cannot stringify a boxed primitive") as caught:
        codec.stringify({"a": Boxed(2**60)}, default=lambda value: result)
    assert caught.value.path == ".a"
    assert codec.stringify(Boxed(2**60), default=str) == '[["Object",1],"1152921504606846976"]'
