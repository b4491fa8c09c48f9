"""What all value types have in common, and the small ones: singletons, BigInt, Boxed, NullObject, RegExp, Temporal."""

import copy
import pickle

import pytest

import devalue
from devalue import (
    URL,
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    Hole,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    Undefined,
    URLSearchParams,
    hole,
    undefined,
)

VALUES = [
    BigInt(2**70),
    Boxed("a"),
    Boxed(BigInt(1)),
    NullObject(a=1),
    Map([(1, 2)]),
    Set([1]),
    SparseArray(9, {3: "x"}),
    Date(1),
    RegExp("a+", "gi"),
    URL("https://a.b/c?d#e"),
    URLSearchParams([("a", "1"), ("a", "2")]),
    ArrayBuffer(b"abc"),
    TypedArray("Uint8Array", [1, 2]),
    DataView(ArrayBuffer(b"abc"), 1),
    Temporal("PlainDate", "2024-01-01"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_every_type_reprs_copies_and_pickles(value):
    assert eval(repr(value), vars(devalue)) == value
    for clone in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert clone == value
        assert type(clone) is type(value)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_every_type_lives_in_the_package_itself(value):
    assert type(value).__module__ == "devalue"


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_no_value_equals_a_foreign_object(value):
    assert value != object()


@pytest.mark.parametrize("value", [undefined, hole])
def test_the_singletons_are_falsy_and_stay_single(value):
    assert not value
    assert copy.deepcopy(value) is value
    assert pickle.loads(pickle.dumps(value)) is value
    assert type(value)() is value
    assert repr(value) in ("undefined", "hole")


def test_undefined_is_no_hole():
    assert Undefined() is not Hole()


def test_a_bigint_is_an_int_whose_arithmetic_gives_ints():
    assert BigInt("12") == 12
    assert type(BigInt(1) + 1) is int
    assert f"{BigInt(10)} {BigInt(10)!r}" == "10 BigInt(10)"


def test_a_bigint_of_more_digits_than_python_converts_has_a_repr_that_evaluates():
    value = BigInt(7**20_000)
    assert eval(repr(value)) == value


@pytest.mark.parametrize("value", [1.5, "1.5", float("nan"), "x"])
def test_a_bigint_takes_integers_only(value):
    with pytest.raises(ValueError, match=r"integer|invalid literal"):
        BigInt(value)


def test_boxes_are_equal_when_their_values_are_of_one_kind():
    assert Boxed(1) == Boxed(1.0)
    assert len({Boxed(1), Boxed(True), Boxed("1"), Boxed(BigInt(1))}) == 4


@pytest.mark.parametrize("value", [None, undefined, [], object()])
def test_only_primitives_can_be_boxed(value):
    with pytest.raises(TypeError, match="boxed"):
        Boxed(value)


def test_a_copy_of_a_null_object_is_one():
    assert type(NullObject(a=1).copy()) is NullObject


@pytest.mark.parametrize("flags", ["x", "gg", "uv", "G"])
def test_flags_that_javascript_refuses_are_refused(flags):
    with pytest.raises(ValueError, match="flags"):
        RegExp("a", flags)


def test_flags_are_in_javascripts_order():
    assert RegExp("a", "yig").flags == "giy"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("", "(?:)"),
        ("a/b", r"a\/b"),
        (r"a\/b", r"a\/b"),
        ("[/]/", r"[/]\/"),
        ("a\nb", r"a\nb"),
        ("\\\n", r"\n"),
        ("\u2028", r"\u2028"),
    ],
)
def test_the_source_is_as_javascript_shows_it(source, shown):
    assert RegExp(source).source == shown


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Instant", "2024-01-01T00:00:00.000000001Z"),
        ("ZonedDateTime", "2024-01-01T00:00:00+01:00[Europe/Berlin]"),
        ("PlainDateTime", "+012024-01-01T00:00:00"),
        ("PlainDate", "2024-01-01[u-ca=hebrew]"),
        ("PlainTime", "12:34:56.789"),
        ("PlainYearMonth", "2024-01"),
        ("PlainMonthDay", "01-31"),
        ("Duration", "-P1Y2M3W4DT5H6M7.000000008S"),
        ("Duration", "PT0S"),
    ],
)
def test_the_texts_that_temporal_writes_are_taken(kind, text):
    assert str(Temporal(kind, text)) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [("Week", "2024-W01"), ("PlainDate", "tomorrow"), ("Duration", "P"), ("Instant", "2024-01-01T00:00")],
)
def test_other_texts_are_no_temporal_value(kind, text):
    with pytest.raises(ValueError, match="Temporal"):
        Temporal(kind, text)
