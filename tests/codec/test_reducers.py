"""Reducers: custom types on the way out, as JavaScript has them, and with a type in front."""

import math

import pytest

from devalue import (
    ArrayBuffer,
    BigInt,
    Boxed,
    EncodeError,
    Map,
    Set,
    SparseArray,
    TypedArray,
    hole,
    undefined,
)


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y


VECTOR = {"Vector": (Vector, lambda vector: [vector.x, vector.y])}


def test_a_claimed_value_is_written_under_the_name_of_its_reducer(codec):
    assert codec.stringify(Vector(1, 2), reducers=VECTOR) == '[["Vector",1],[2,3],1,2]'


def test_a_reducer_without_a_type_is_shown_every_distinct_value_once_in_order(codec):
    seen = []
    shared = ["x"]
    value = {"a": shared, "b": shared, "c": [1, 1.0, True, "x", None]}
    codec.stringify(value, reducers={"Spy": seen.append})
    assert seen == [value, shared, "x", value["c"], 1, True, None]


def test_values_without_a_slot_are_never_shown_to_a_reducer(codec):
    seen = []
    codec.stringify([undefined, math.nan, math.inf, -math.inf, -0.0, hole], reducers={"Spy": seen.append})
    assert len(seen) == 1  # the list


def test_keys_of_objects_are_not_shown_but_keys_of_maps_are(codec):
    seen = []
    codec.stringify([{"a": 1}, Map([("b", 1)])], reducers={"Spy": lambda value: seen.append(value)})
    assert "a" not in seen
    assert "b" in seen


def test_the_primitive_in_a_box_and_the_buffer_of_a_view_are_shown(codec):
    seen = []
    buffer = ArrayBuffer(b"a")
    codec.stringify([Boxed("x"), TypedArray("Int8Array", buffer)], reducers={"Spy": seen.append})
    assert "x" in seen
    assert any(value is buffer for value in seen)


@pytest.mark.parametrize("falsy", [None, False, 0, 0.0, -0.0, math.nan, "", undefined, BigInt(0), hole], ids=repr)
def test_a_result_that_javascript_takes_for_false_declines(codec, falsy):
    assert codec.stringify("x", reducers={"A": lambda value: falsy}) == '["x"]'


class Falsy:
    def __bool__(self):
        return False

    def __repr__(self):
        return "Falsy()"  # the same in every worker that runs the tests


@pytest.mark.parametrize(
    ("truthy", "text"),
    [
        ([], '[["A",1],[]]'), ({}, '[["A",1],{}]'), ((), '[["A",1],[]]'), (set(), '[["A",1],["Set"]]'),
        (Map(), '[["A",1],["Map"]]'), (Set(), '[["A",1],["Set"]]'), (SparseArray(), '[["A",1],[]]'),
        (True, '[["A",1],true]'), ("0", '[["A",1],"0"]'), (Boxed(False), '[["A",1],["Object",2],false]'),
        (b"", '[["A",1],["Uint8Array",2],["ArrayBuffer",""]]'), (math.inf, '[["A",-4]]'),
        (Falsy(), '[["A",1],["Falsy",2],true]'),
    ],
    ids=repr,
)  # fmt: skip
def test_any_other_result_claims_also_an_empty_container(codec, truthy, text):
    reducers = {"A": lambda value: value == "root" and truthy, "Falsy": (Falsy, lambda value: True)}
    assert codec.stringify("root", reducers=reducers) == text


def test_the_first_reducer_that_claims_wins_and_later_ones_are_not_asked(codec):
    later = []
    reducers = {"No": lambda value: False, "Yes": (Vector, lambda value: "v"), "Later": (Vector, later.append)}
    assert codec.stringify(Vector(1, 2), reducers=reducers) == '[["Yes",1],"v"]'
    assert later == []


def test_a_reducer_with_a_type_runs_for_instances_only_subclasses_included(codec):
    class Vector3(Vector):
        pass

    seen = []
    codec.stringify([1, "a", Vector3(1, 2)], reducers={"V": (Vector, lambda value: seen.append(value) or "v")})
    assert [type(value) for value in seen] == [Vector3]


def test_the_type_may_be_a_tuple_of_types(codec):
    text = codec.stringify([1.5, "a", None], reducers={"T": ((float, str), lambda value: [])})
    assert text == '[[1,3,5],["T",2],[],["T",4],[],null]'


def test_a_reducer_comes_before_the_built_in_form_of_a_value(codec):
    assert codec.stringify([1], reducers={"List": (list, lambda value: "mine")}) == '[["List",1],"mine"]'


def test_a_reducer_may_be_named_like_a_built_in_tag(codec):
    assert codec.stringify(Vector(1, 2), reducers={"URL": (Vector, lambda value: "x")}) == '[["URL",1],"x"]'


def test_a_claimed_value_shares_its_slot(codec):
    vector = Vector(1, 2)
    assert codec.stringify([vector, vector], reducers=VECTOR) == '[[1,1],["Vector",2],[3,4],1,2]'


def test_a_claimed_value_may_hold_itself(codec):
    node = Vector(None, None)
    node.x = node
    assert codec.stringify(node, reducers=VECTOR) == '[["Vector",1],[0,2],null]'


def test_a_reducer_that_gives_the_value_itself_refers_to_its_own_slot(codec):
    assert codec.stringify([], reducers={"Self": (list, lambda value: value)}) == '[["Self",0]]'


def test_results_are_reduced_too(codec):
    reducers = {"Outer": (Vector, lambda value: (value.x,)), "Inner": (tuple, list)}
    assert codec.stringify(Vector(1, 2), reducers=reducers) == '[["Outer",1],["Inner",2],[3],1]'


def test_an_error_inside_a_result_has_no_step_for_the_reducer(codec):
    with pytest.raises(EncodeError) as caught:
        codec.stringify({"v": [Vector(1, print)]}, reducers=VECTOR)
    assert caught.value.path == ".v[0][1]"


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "\x00", "\ud800"], ids=ascii)
def test_a_name_that_javascript_would_write_as_broken_json_is_refused(codec, name):
    with pytest.raises(EncodeError, match="Cannot stringify with a reducer named"):
        codec.stringify(1, reducers={name: lambda value: value})


@pytest.mark.parametrize("name", ["", "a b", "é", "<b>", "null", "Map"])
def test_any_other_name_is_written_as_it_is(codec, name):
    assert codec.stringify(1, reducers={name: lambda value: value == 1 and "x"}) == f'[["{name}",1],"x"]'


@pytest.mark.parametrize("reducer", [None, "fn", (int,), (int, "fn"), (int, len, len)], ids=repr)
def test_what_is_no_reducer_is_a_type_error(codec, reducer):
    with pytest.raises(TypeError, match="neither a function nor"):
        codec.stringify(1, reducers={"A": reducer})


def test_a_name_that_is_no_str_is_a_type_error(codec):
    with pytest.raises(TypeError, match="the name of a reducer"):
        codec.stringify(1, reducers={1: len})


def test_a_claimed_buffer_makes_its_view_unreadable_and_is_refused(codec):
    with pytest.raises(EncodeError, match="claimed") as caught:
        codec.stringify({"a": b"abc"}, reducers={"Mine": (ArrayBuffer, lambda value: "x")})
    assert caught.value.path == ".a"


def test_a_claimed_primitive_makes_its_box_unreadable_and_is_refused(codec):
    with pytest.raises(EncodeError, match="has replaced") as caught:
        codec.stringify([1, Boxed("x")], reducers={"Mine": (str, lambda value: [1])})
    assert caught.value.path == "[1]"


def test_a_claim_under_the_tag_of_the_buffer_or_bigint_stays_readable(codec):
    text = codec.stringify(
        TypedArray("Int8Array", ArrayBuffer(b"a")), reducers={"ArrayBuffer": (ArrayBuffer, lambda b: "YQ==")}
    )
    assert text == '[["Int8Array",1],["ArrayBuffer",2],"YQ=="]'
    assert codec.parse(text, revivers={"ArrayBuffer": lambda text: ArrayBuffer(b"a")}) == TypedArray("Int8Array", [97])
    text = codec.stringify(Boxed(BigInt(1)), reducers={"BigInt": (BigInt, str)})
    assert text == '[["Object",1],["BigInt",2],"1"]'


class Stop(Exception):
    pass


@pytest.mark.parametrize("error", [Stop, StopIteration, GeneratorExit, KeyboardInterrupt, ValueError, RecursionError])
def test_an_exception_of_a_reducer_passes_through(codec, error):
    def fail(value):
        if value == "x":
            raise error

    with pytest.raises(error):
        codec.stringify([["x"]], reducers={"A": fail})


def test_a_reducer_may_change_the_container_that_is_being_written(codec):
    items = ["a", "b", "c"]
    members = {"a": "a", "b": "b"}
    unique = {"s"}

    def meddle(value):
        items.clear()
        members.clear()
        unique.clear()

    assert codec.stringify([items], reducers={"A": (str, meddle)}) == '[[1],[2,3,4],"a","b","c"]'
    assert codec.stringify([members], reducers={"A": (str, meddle)}) == "[[1],{}]"
    members.update(a="a", b="b")
    assert codec.stringify(members, reducers={"A": (str, meddle)}) == '[{"a":1,"b":2},"a","b"]'


def test_a_reducer_may_call_stringify(codec):
    reducers = {"Text": (Vector, lambda vector: codec.stringify([vector.x, vector.y]))}
    assert codec.stringify([Vector(1, 2)], reducers=reducers) == '[[1],["Text",2],"[[1,2],1,2]"]'
