"""numpy and devalue see each other's memory."""

import numpy as np
import pytest

from devalue import ArrayBuffer, DataView, EncodeError, TypedArray
from devalue.types.binary import TYPED_ARRAYS

KINDS = {kind: np.dtype(code) for kind, (code, _) in TYPED_ARRAYS.items()}


@pytest.mark.parametrize(("kind", "dtype"), KINDS.items())
def test_an_array_of_one_dimension_is_written_as_the_typed_array_of_its_type(codec, kind, dtype):
    written = codec.parse(codec.stringify(np.array([1, 2, 3], dtype)))
    expected = "Uint8Array" if kind == "Uint8ClampedArray" else kind
    assert written == TypedArray(expected, [1, 2, 3])


@pytest.mark.parametrize(("kind", "dtype"), [(kind, dtype) for kind, dtype in KINDS.items() if kind != "Float16Array"])
def test_numpy_sees_the_memory_of_a_typed_array_itself(kind, dtype):
    array = TypedArray(kind, [1, 2, 3])
    seen = np.asarray(array)
    assert (seen.dtype, seen.tolist()) == (dtype, [1, 2, 3])
    seen[1] = 7
    assert list(array) == [1, 7, 3]


def test_numpy_reads_a_float16_array_through_its_buffer():
    array = TypedArray("Float16Array", [0.5, 2])
    assert np.frombuffer(array.buffer, "e").tolist() == [0.5, 2]


@pytest.mark.parametrize("make", [lambda buffer: buffer, lambda buffer: DataView(buffer, 0, 4)])
def test_numpy_writes_into_the_bytes_of_an_array_buffer(make):
    buffer = ArrayBuffer(4)
    np.asarray(make(buffer))[:] = [1, 2, 3, 4]
    assert bytes(buffer.view) == b"\1\2\3\4"


@pytest.mark.parametrize(
    "value",
    [np.zeros((2, 2)), np.zeros(4)[::2], np.zeros(2, ">i4"), np.zeros(2, bool), np.zeros(2, complex), np.array(["a"])],
    ids=["two dimensions", "gaps", "byte order of other machines", "bool", "complex", "text"],
)
def test_what_no_typed_array_holds_is_refused_with_what_would_work(codec, value):
    with pytest.raises(EncodeError, match=r"value\.tolist\(\)"):
        codec.stringify(value)


def test_a_float64_is_a_float_and_other_numbers_of_numpy_are_refused_with_what_would_work(codec):
    assert codec.stringify([np.float64(1.5), np.float64(2)]) == "[[1,2],1.5,2]"
    with pytest.raises(EncodeError, match=r"value\.item\(\)"):
        codec.stringify(np.int64(1))
