"""The security advisories of the JavaScript library, each as a test that this one never had the fault.

Memory is measured as what Python allocates, time only as "it ends": each input that once cost gigabytes or minutes
is a few bytes long here.
"""

import asyncio
import tracemalloc
from contextlib import contextmanager

import pytest

from devalue import (
    ArrayBuffer,
    DecodeError,
    EncodeError,
    Map,
    NullObject,
    SparseArray,
    TypedArray,
    hole,
    stringify_async,
)


@contextmanager
def allocating_at_most(limit):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ['[{"__proto__":1},{}]', '[["null","__proto__",1],{}]', '[{"\\u005f_proto__":1},{}]'])
def test_cve_2025_57820_a_prototype_cannot_be_set(codec, text):
    with pytest.raises(DecodeError, match="`__proto__` property"):
        codec.parse(text)


@pytest.mark.parametrize("name", ["push", "constructor", "toString", "__class__", "__init__", "append", "length"])
def test_cve_2025_57820_names_of_methods_are_no_indices_tags_or_revivers(codec, name):
    with pytest.raises(DecodeError, match=r"^Invalid input"):
        codec.parse(f'[[1,"{name}"],1]')
    with pytest.raises(DecodeError, match=f"^Unknown type {name}"):
        codec.parse(f'[["{name}",1],[]]', revivers={"Other": list})


@pytest.mark.parametrize("size", [2**31, 10**10, 2**53 - 1])
@pytest.mark.parametrize(
    "slot", ['["Uint8Array",{},0,{}]', '["Float64Array",{},{},1]', '["DataView",{},0,{}]', '["Uint8Array",{}]']
)
def test_cve_2026_22774_a_view_of_a_number_allocates_nothing(codec, slot, size):
    with allocating_at_most(1_000_000), pytest.raises(DecodeError):
        codec.parse(f"[{slot.format(1, size)},{size}]")


@pytest.mark.parametrize(
    "raw", ["1", '"x"', "[1,2]", '["Uint8Array",0]', '{"byteLength":1000000000}', '["Map"]', "null"]
)
def test_cve_2026_22775_a_view_looks_only_at_an_array_buffer(codec, raw):
    with pytest.raises(DecodeError, match="needs the slot of an ArrayBuffer"):
        codec.parse(f'[["Uint8Array",1],{raw}]')


def test_ghsa_33hq_and_8qm3_writing_a_sparse_array_costs_what_is_in_it(codec):
    array = SparseArray(2**32 - 1, {10**6: "a", 2**32 - 2: "b"})
    with allocating_at_most(1_000_000):
        assert codec.stringify(array) == '[[-7,4294967295,1000000,1,4294967294,2],"a","b"]'


def test_cve_2026_42570_reading_a_sparse_array_costs_what_is_in_it(codec):
    with allocating_at_most(1_000_000):
        arrays = codec.parse("[[1,1,2],[-7,4294967295],[-7,4294967295,4294967294,3],5]")
    assert [len(array) for array in arrays] == [4294967295] * 3
    assert arrays[2][-1] == 5


@pytest.mark.parametrize("index", ['"__proto__"', '"push"', '"0"', "-1", "0.5", "4294967295", "null", "[0]"])
def test_cve_2026_30226_an_index_of_a_sparse_array_is_a_number_within_it(codec, index):
    with pytest.raises(DecodeError, match=r"^Invalid input"):
        codec.parse(f"[[-7,4294967295,{index},1],1]")


@pytest.mark.parametrize("kind", [dict, NullObject])
def test_ghsa_mwv9_an_own_proto_key_is_not_written(codec, kind):
    with pytest.raises(EncodeError, match="objects with __proto__ keys"):
        codec.stringify([kind({"__proto__": {"admin": True}})])
    assert codec.stringify(Map([("__proto__", 1)])) == '[["Map",1,2],"__proto__",1]'


@pytest.mark.parametrize(
    "slot", ["[{}]", '{{"a":{}}}', '["Map",{},-1]', '["Set",{}]', '["Object",{}]', '["Uint8Array",{}]']
)
@pytest.mark.parametrize("index", [3, 10**9, 10**15, 1e300])
def test_cve_2026_81176_an_index_out_of_range_is_refused_at_once(codec, slot, index):
    with pytest.raises(DecodeError, match=r"^Invalid input \(index"):
        codec.parse(f"[{slot.format(index)}]")


def test_cve_2026_81176_many_references_to_one_slot_cost_no_more_than_their_text(codec):
    count = 200_000
    items = codec.parse("[[" + "1," * (count - 1) + "1],{}]")
    assert len(items) == count
    assert all(item is items[0] for item in items)


def test_ghsa_j22f_a_memoryview_shows_its_visible_bytes_only(codec):
    pool = b"secret" * 1000 + b"shown"
    text = codec.stringify(memoryview(pool)[-5:])
    assert text == '[["Uint8Array",1],["ArrayBuffer","c2hvd24="]]'


def test_a_view_writes_its_whole_buffer_as_javascript_does(codec):
    assert codec.stringify(TypedArray("Int8Array", ArrayBuffer(b"abc"), 1, 1)).endswith('["ArrayBuffer","YWJj"]]')


def test_ghsa_hx4r_long_strings_take_linear_time(codec):
    text = "a<\n\u2028\ud800" * 200_000
    assert codec.parse(codec.stringify(text)) == text


@pytest.mark.parametrize("length", [10**7, 10**8])
def test_ghsa_mcm9_a_declared_length_reserves_nothing(codec, length):
    with allocating_at_most(1_000_000):
        assert len(codec.parse(f"[[-7,{length}]]")) == length


def test_ghsa_wf3x_a_list_with_many_holes_is_written_in_linear_time(codec):
    items = [hole] * 300_000
    items[::2] = [1] * 150_000
    assert len(codec.stringify(items)) == 150_000 * 5 + 4 + len("1,") - 1


def test_ghsa_x5rw_a_failing_awaitable_leaves_no_other_one_unretrieved():
    async def fail():
        raise KeyError("mine")

    async def wait():
        await asyncio.sleep(60)

    async def main():
        with pytest.raises(KeyError, match="mine"):
            await stringify_async([fail(), wait(), fail()])
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@pytest.mark.parametrize("key", ["1", "null", "true", "[1]", "{}", "-1"])
def test_ghsa_4q55_a_key_of_a_null_object_is_never_made_a_string(codec, key):
    with pytest.raises(DecodeError, match="Cannot parse an object with a non-string key"):
        codec.parse(f'[["null",{key},1],1]')
