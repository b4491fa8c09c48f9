"""Map and Set: order, SameValueZero keys, equality, and the two states they can be in."""

import copy
import math
import pickle
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devalue import URL, BigInt, Map, Set, parse, undefined

PRIMITIVES = [
    None,
    undefined,
    True,
    False,
    0,
    1,
    1.5,
    -1,
    math.inf,
    "",
    "1",
    "a",
    BigInt(0),
    BigInt(1),
    BigInt(-(2**70)),
]


def parsed_map(pairs: Iterable[tuple[Any, Any]]) -> Map[Any, Any]:
    """A Map as the decoder makes it: flat, without an index."""
    made: Map[Any, Any] = Map.__new__(Map)
    made._flat = [part for pair in pairs for part in pair]
    made._index = None
    return made


def parsed_set(items: Iterable[Any]) -> Set[Any]:
    made: Set[Any] = Set.__new__(Set)
    made._flat = list(items)
    made._index = None
    return made


@pytest.fixture(params=[Map, parsed_map], ids=["made", "parsed"])
def make_map(request: pytest.FixtureRequest) -> Callable[[Iterable[tuple[Any, Any]]], Map[Any, Any]]:
    return request.param


@pytest.fixture(params=[Set, parsed_set], ids=["made", "parsed"])
def make_set(request: pytest.FixtureRequest) -> Callable[[Iterable[Any]], Set[Any]]:
    return request.param


def test_every_primitive_is_a_key_of_its_own(make_map):
    content = make_map((key, index) for index, key in enumerate(PRIMITIVES))
    assert [content[key] for key in PRIMITIVES] == list(range(len(PRIMITIVES)))


def test_true_and_one_and_the_text_one_and_the_bigint_one_are_four_items(make_set):
    assert len(make_set([True, 1, "1", BigInt(1), 1.0])) == 4


def test_all_nans_are_one_key(make_map):
    content = make_map([(math.nan, 1), (float("nan"), 2)])
    assert list(content.values()) == [2]


def test_minus_zero_becomes_zero_as_a_key(make_map):
    assert math.copysign(1, next(iter(make_map([(-0.0, "v")])))) == 1


def test_minus_zero_becomes_zero_as_an_item(make_set):
    assert math.copysign(1, next(iter(make_set([-0.0])))) == 1


def test_ints_beyond_the_doubles_are_never_merged(make_set):
    assert len(make_set([2**53, 2**53 + 1, -(2**53), -(2**53) - 1])) == 4


@pytest.mark.parametrize(
    "pair",
    [
        ([1], [1]),
        ((1, 2), tuple(iter((1, 2)))),
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)),
        (URL("https://a.b/"), URL("https://a.b/")),
        ({"a": 1}, {"a": 1}),
        (b"xy", bytes(bytearray(b"xy"))),
    ],
    ids=lambda pair: type(pair[0]).__name__,
)
def test_objects_are_keys_by_identity(make_map, pair):
    content = make_map([(pair[0], "first"), (pair[1], "second")])
    assert (content[pair[0]], content[pair[1]]) == ("first", "second")


def test_a_str_subclass_is_the_text_that_it_is():
    class Text(str):
        __slots__ = ()

    assert Map([("a", 1)])[Text("a")] == 1


def test_the_last_value_of_a_repeated_key_wins_and_the_first_place_stays(make_map):
    assert list(make_map([("a", 1), ("b", 2), ("a", 3)]).items()) == [("a", 3), ("b", 2)]


def test_setting_a_known_key_keeps_its_place(make_map):
    content = make_map([("a", 1), ("b", 2)])
    content["a"] = 3
    assert list(content) == ["a", "b"]


def test_a_deleted_key_is_gone_and_comes_back_last(make_map):
    content = make_map([("a", 1), ("b", 2)])
    del content["a"]
    assert "a" not in content
    content["a"] = 9
    assert list(content) == ["b", "a"]


@pytest.mark.parametrize("use", [lambda m: m["no"], lambda m: m.__delitem__("no"), lambda m: m.pop("no")])
def test_a_missing_key_is_a_key_error_that_names_it(make_map, use):
    with pytest.raises(KeyError, match="no"):
        use(make_map([("a", 1)]))


def test_get_falls_back(make_map):
    assert make_map([("a", 1)]).get("b") is None
    assert make_map([("a", 1)]).get("b", 5) == 5


def test_a_map_can_be_made_of_a_mapping():
    assert Map({"a": 1}) == Map([("a", 1)])


def test_a_map_equals_a_dict_of_the_same_content_in_any_order(make_map):
    assert make_map([("a", 1), (2, "b")]) == {2: "b", "a": 1}


def test_equality_tells_one_from_true(make_map):
    assert make_map([(1, "x")]) != {True: "x"}


def test_a_set_equals_a_set_of_the_same_content(make_set):
    assert make_set(["a", 2]) == {2, "a"}
    assert make_set(["a", 2]) == frozenset([2, "a"])
    assert make_set([1]) != {True}


def test_keys_by_identity_are_compared_in_order(make_map):
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert make_map([(moment, 1)]) == make_map([(datetime(2024, 1, 1, tzinfo=UTC), 1)])


@pytest.mark.parametrize("value", [Map([("a", Set([1, True]))]), Set(["a", 1.5]), Map(), Set()])
def test_repr_evaluates_to_an_equal_value(value):
    assert eval(repr(value)) == value


def test_repr_of_a_cycle_ends():
    content: Map[str, Any] = Map()
    content["self"] = content
    assert repr(content) == "Map([('self', Map(...))])"


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_clone_of_a_cycle_is_a_cycle(clone):
    content: Map[Any, Any] = Map()
    content["items"] = Set([content])
    twin = clone(content)
    assert twin is not content
    assert next(iter(twin["items"])) is twin


def test_a_clone_keeps_keys_that_go_by_identity(make_map):
    twin = pickle.loads(pickle.dumps(make_map([((1,), "v")])))
    (key,) = twin
    assert twin[key] == "v"


def test_a_shallow_copy_is_independent(make_map, make_set):
    content = make_map([("a", [1])])
    twin = copy.copy(content)
    twin["b"] = 2
    assert "b" not in content
    assert twin["a"] is content["a"]
    items = make_set(["a"])
    copy.copy(items).add("b")
    assert items == {"a"}


def test_maps_and_sets_are_unhashable():
    with pytest.raises(TypeError):
        hash(Map())
    with pytest.raises(TypeError):
        hash(Set())


def test_set_operators_keep_order_and_type(make_set):
    union = make_set([3, 1]) | Set([2, 1])
    assert isinstance(union, Set)
    assert list(union) == [3, 1, 2]
    assert list(make_set([3, 1]) & {1}) == [1]


def test_reversed_gives_the_last_first(make_map, make_set):
    assert list(reversed(make_map([("a", 1), ("b", 2)]))) == ["b", "a"]
    assert list(reversed(make_set([1, 2]))) == [2, 1]


def test_clear_empties_both_states(make_map, make_set):
    for content in (make_map([("a", 1)]), make_set(["a"])):
        content.clear()
        assert len(content) == 0


KEYS = st.one_of(st.sampled_from(PRIMITIVES), st.integers(-3, 3), st.floats(width=16), st.text(max_size=2))


@given(st.lists(st.tuples(KEYS, st.integers())))
def test_made_and_parsed_maps_have_the_same_content(pairs):
    made, parsed = Map(pairs), parsed_map(pairs)
    assert [(repr(k), v) for k, v in made.items()] == [(repr(k), v) for k, v in parsed.items()]


@given(st.lists(st.tuples(st.sampled_from(["set", "delete"]), st.text(max_size=1), st.integers())))
def test_a_map_with_text_keys_behaves_as_a_dict(steps):
    content: Map[str, int] = Map()
    model: dict[str, int] = {}
    for action, key, value in steps:
        if action == "set":
            content[key] = model[key] = value
        else:
            assert content.pop(key, None) == model.pop(key, None)
    assert list(content.items()) == list(model.items())


KEY = "k" * 600


@pytest.mark.parametrize("size", [3, 3000])
def test_a_parsed_map_with_a_repeated_key_keeps_its_first_place_and_last_value(size: int) -> None:
    members = ",".join(f"{1 + at % 2},{3 + at % 2}" for at in range(size))
    text = f'[["Map",5,3,{members},1,5],"{KEY}","{KEY}","first","second","other"]'
    assert list(parse(text).items()) == [("other", "first"), (KEY, "other")]


@pytest.mark.parametrize("size", [3, 3000])
def test_a_parsed_set_with_a_repeated_item_has_it_once(size: int) -> None:
    items = ",".join(str(1 + at % 3) for at in range(size))
    assert list(parse(f'[["Set",{items}],"{KEY}","{KEY}",["BigInt","5"]]')) == [KEY, BigInt(5)]
