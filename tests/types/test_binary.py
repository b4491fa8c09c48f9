"""ArrayBuffer, typed arrays and DataView: memory that views share."""

import math
import pickle
import struct
import sys

import pytest

from devalue import ArrayBuffer, BigInt, DataView, TypedArray
from devalue.types.binary import TYPED_ARRAYS

ARRAYS = [
    ("Int8Array", [-128, 127]),
    ("Uint8Array", [0, 255]),
    ("Uint8ClampedArray", [0, 255]),
    ("Int16Array", [-32768, 32767]),
    ("Uint16Array", [0, 65535]),
    ("Float16Array", [1.5, -65504.0]),
    ("Int32Array", [-(2**31), 2**31 - 1]),
    ("Uint32Array", [0, 2**32 - 1]),
    ("Float32Array", [1.5, -0.0]),
    ("Float64Array", [0.1, math.inf]),
    ("BigInt64Array", [BigInt(-(2**63)), BigInt(2**63 - 1)]),
    ("BigUint64Array", [BigInt(0), BigInt(2**64 - 1)]),
]


def test_the_table_covers_every_kind():
    assert [kind for kind, _ in ARRAYS] == list(TYPED_ARRAYS)


@pytest.mark.parametrize(("kind", "values"), ARRAYS)
def test_values_read_back_with_their_types(kind, values):
    array = TypedArray(kind, values)
    assert list(array) == values
    assert [type(item) for item in array] == [type(item) for item in values]
    assert len(array) == 2
    assert array.byte_length == 2 * array.itemsize


@pytest.mark.parametrize(("kind", "values"), ARRAYS)
def test_a_memoryview_sees_the_memory_itself(kind, values):
    array = TypedArray(kind, values)
    if kind == "Float16Array" and sys.version_info < (3, 12):
        assert bytes(array.view) == struct.pack("ee", *values)
    else:
        assert list(array.view) == values
    array.view[0] = array.view[1]
    assert array[0] == array[1] or array.itemsize > array.view.itemsize


def test_two_views_of_one_buffer_share_it():
    buffer = ArrayBuffer(8)
    numbers, raw = TypedArray("Uint16Array", buffer), DataView(buffer, 2, 2)
    numbers[1] = 0x0201
    assert bytes(raw) == b"\x01\x02"


def test_a_slice_shares_the_memory():
    array = TypedArray("Int16Array", [1, 2, 3, 4])
    part = array[1:3]
    assert (list(part), part.byte_offset, part.length) == ([2, 3], 2, 2)
    part[0] = 9
    assert array[1] == 9


def test_indices_count_from_the_end_too():
    array = TypedArray("Int16Array", [1, 2, 3])
    assert array[-1] == 3
    for index in (3, -4):
        with pytest.raises(IndexError, match="length 3"):
            array[index]


def test_clamped_values_are_clamped_and_rounded_half_to_even():
    assert list(TypedArray("Uint8ClampedArray", [-5, 300, 1.5, 2.5, math.nan, math.inf])) == [0, 255, 2, 2, 0, 255]


@pytest.mark.parametrize(("kind", "value"), [("Int8Array", 128), ("Uint8Array", -1), ("Uint32Array", 1.5)])
def test_a_value_outside_the_range_is_refused_not_wrapped(kind, value):
    with pytest.raises(ValueError, match=kind):
        TypedArray(kind, [value])


@pytest.mark.parametrize(
    "make",
    [
        lambda: TypedArray("Int16Array", ArrayBuffer(3)),
        lambda: TypedArray("Int16Array", ArrayBuffer(4), 1),
        lambda: TypedArray("Int16Array", ArrayBuffer(4), 2, 2),
        lambda: TypedArray("Int16Array", ArrayBuffer(4), 6),
        lambda: TypedArray("Int16Array", ArrayBuffer(4), -2),
        lambda: TypedArray("Int16Array", ArrayBuffer(4), 0, -1),
        lambda: DataView(ArrayBuffer(4), 5),
        lambda: DataView(ArrayBuffer(4), 0, 5),
        lambda: TypedArray("Float80Array", []),
    ],
)
def test_a_window_that_does_not_fit_is_refused(make):
    with pytest.raises(ValueError, match=r"bytes|named"):
        make()


def test_a_window_cannot_be_moved_after_it_was_checked():
    with pytest.raises(AttributeError, match="fixed"):
        TypedArray("Int8Array", [1]).length = 10**9
    with pytest.raises(AttributeError, match="fixed"):
        DataView(ArrayBuffer(1)).byte_offset = 5


def test_equality_is_by_kind_and_content():
    assert TypedArray("Int8Array", [1]) == TypedArray("Int8Array", [1])
    assert TypedArray("Int8Array", [1]) != TypedArray("Uint8Array", [1])
    assert ArrayBuffer(b"a") == b"a"
    assert DataView(ArrayBuffer(b"ab"), 1) == DataView(ArrayBuffer(b"b"))


@pytest.mark.parametrize(
    "value", [ArrayBuffer(b"ab"), TypedArray("Int8Array", [1, 2])[1:], DataView(ArrayBuffer(b"ab"), 1)]
)
def test_repr_evaluates_to_an_equal_value(value):
    assert eval(repr(value)) == value


def test_pickled_views_still_share_their_buffer():
    buffer = ArrayBuffer(4)
    first, second = pickle.loads(pickle.dumps([TypedArray("Int8Array", buffer), DataView(buffer)]))
    assert first.buffer is second.buffer
