"""One slot is one object: what shares a slot, both ways, and what does not."""

from datetime import UTC, datetime

import pytest

from devalue import URL, ArrayBuffer, BigInt, Boxed, Date, Map, NullObject, RegExp, Set, SparseArray, TypedArray


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, 1.0),
        ("a", "".join(["a"])),
        (10**12, 10**12 + 0),
        (1.5, 3 / 2),
        (BigInt(7), BigInt(7)),
        (None, None),
        (0, 0.0),
    ],
)
def test_equal_primitives_share_a_slot(codec, first, second):
    assert codec.stringify([first, second]).startswith("[[1,1],")


def test_values_that_are_only_equal_to_python_do_not_share_a_slot(codec):
    value = [1, BigInt(1), "1", True, 0, False, BigInt(0), "", None]
    assert codec.stringify(value) == '[[1,2,3,4,5,6,7,8,9],1,["BigInt","1"],"1",true,0,false,["BigInt","0"],"",null]'


@pytest.mark.parametrize(
    "make",
    [
        list, dict, NullObject, Map, Set, set, lambda: tuple(range(1)), lambda: frozenset({1}),
        lambda: SparseArray(9), lambda: bytes(2), bytearray, ArrayBuffer, lambda: TypedArray("Int8Array"),
        lambda: Boxed(1), lambda: RegExp("a"),
        lambda: URL("https://a.b/"), lambda: Date(0), lambda: datetime(2024, 1, 1, tzinfo=UTC),
    ],
)  # fmt: skip
def test_objects_share_a_slot_by_identity_only(codec, make):
    one, other = make(), make()
    text = codec.stringify([one, one, other])
    first, second, third = codec.parse(text)
    assert first is second
    assert first is not third


@pytest.mark.parametrize("empty", [(), frozenset(), b"", b"a"])
def test_objects_that_python_has_only_one_of_are_never_shared(codec, empty):
    first, second = codec.parse(codec.stringify([empty, empty]))
    assert first is not second


def test_two_views_of_one_buffer_share_it(codec):
    buffer = ArrayBuffer(b"\x01\x00\x02\x00")
    text = codec.stringify([TypedArray("Int16Array", buffer), TypedArray("Uint8Array", buffer, 1, 2), buffer])
    assert text == '[[1,3,2],["Int16Array",2],["ArrayBuffer","AQACAA=="],["Uint8Array",2,1,2]]'
    words, part, same = codec.parse(text)
    part[0] = 255
    assert words.buffer is part.buffer is same
    assert words[0] == 0xFF01 - 0x10000


def test_a_boxed_primitive_shares_the_slot_of_the_bare_one(codec):
    assert codec.stringify(["x", Boxed("x"), Boxed("x")]) == '[[1,2,3],"x",["Object",1],["Object",1]]'


def test_keys_of_objects_take_no_slot(codec):
    assert codec.stringify({"a": "a"}) == '[{"a":1},"a"]'


def test_indices_are_given_before_the_children_get_theirs(codec):
    assert codec.stringify([[["deep"]], "next"]) == '[[1,4],[2],[3],"deep","next"]'


def test_cycles_through_every_container_come_back(codec):
    items: list[object] = []
    members: dict[str, object] = {"list": items}
    plain = NullObject(members=members)
    mapping = Map([(plain, plain)])
    collection = Set([mapping])
    sparse = SparseArray(1000, {500: collection})
    items.append(sparse)
    text = codec.stringify(items)
    assert text == '[[1],[-7,1000,500,2],["Set",3],["Map",4,4],["null","members",5],{"list":0}]'
    back = codec.parse(text)
    (mapping,) = back[0][500]
    ((key, value),) = mapping.items()
    assert key is value
    assert key["members"]["list"] is back
    assert codec.stringify(back) == text


@pytest.mark.parametrize(
    "text", ["[[0]]", '[{"a":0}]', '[["Map",0,0]]', '[["Set",0]]', '[["null","a",0]]', "[[-7,9,8,0]]"]
)
def test_a_container_may_hold_itself(codec, text):
    assert codec.stringify(codec.parse(text)) == text


def test_temporary_results_of_reducers_are_not_taken_for_one_another(codec):
    class Thing:
        pass

    text = codec.stringify(
        [Thing() for _ in range(50)], reducers={"Thing": (Thing, lambda thing: [object.__hash__(thing)])}
    )
    assert len({id(thing) for thing in codec.parse(text, revivers={"Thing": lambda payload: payload})}) == 50


def long_texts():
    """Strings of each width on both sides of the length from which the compiled encoder knows them by identity."""
    for size, letter in ((1, "x"), (1, "é"), (2, "я"), (4, "😀")):
        for length in (511, 512, 513):
            yield letter * (length // size + 1)


@pytest.mark.parametrize("text", list(long_texts()))
def test_equal_long_strings_share_a_slot(codec, text):
    other, longer = text[:-1] + text[-1:], text + "!"
    once = codec.stringify([text])
    assert codec.stringify([text, other, text, other]) == f"[[1,1,1,1]{once[len('[[1]') :]}"
    assert codec.stringify([longer, other, longer, text]).startswith("[[1,2,1,2],")


def test_equal_long_bigints_share_a_slot_and_others_do_not(codec):
    number, equal, other = BigInt(10**999), BigInt(10**999), BigInt(10**999 + 1)
    assert codec.stringify([number, equal, other, number, other, equal]).startswith("[[1,1,2,1,2,1],")


@pytest.mark.parametrize("value", ["x" * 600, BigInt(10**999)], ids=["string", "BigInt"])
def test_a_reducer_sees_a_long_primitive_once(codec, value):
    seen = []

    def claim(one):
        seen.append(one)
        return [1]

    equal = BigInt(value) if isinstance(value, BigInt) else value[:-1] + "x"
    text = codec.stringify([value, equal, value, equal], reducers={"Long": (type(value), claim)})
    assert text == '[[1,1,1,1],["Long",2],[3],1]'
    assert seen == [value]


def test_a_long_string_that_is_freed_meanwhile_is_not_taken_for_the_next(codec):
    """Python gives its memory to the next one of the same length."""

    class Thing:
        pass

    things = [Thing() for _ in range(50)]
    numbers = iter(range(100))
    text = codec.stringify(things, default=lambda thing: f"{next(numbers):03}" * 200)
    assert codec.parse(text) == [f"{number:03}" * 200 for number in range(50)]
