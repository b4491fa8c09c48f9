"""SparseArray: an array that allocates only what is there."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devalue import SparseArray, hole


def test_the_longest_array_costs_nothing():
    array = SparseArray(2**32 - 1, {2**32 - 2: "last"})
    assert (len(array), array[-1], array[0]) == (2**32 - 1, "last", hole)


@pytest.mark.parametrize("length", [-1, 2**32])
def test_a_length_that_no_array_has_is_refused(length):
    with pytest.raises(ValueError, match="4294967295"):
        SparseArray(length)


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_outside_is_an_index_error(index):
    with pytest.raises(IndexError, match="length 3"):
        SparseArray(3)[index]
    with pytest.raises(IndexError, match="length 3"):
        SparseArray(3, {index: 1})


def test_storing_a_hole_empties_an_index():
    array = SparseArray(3, {1: "a"})
    array[1] = hole
    assert array.items() == []


def test_a_smaller_length_drops_what_lies_beyond():
    array = SparseArray(3, {0: "a", 2: "c"})
    array.length = 2
    assert array == SparseArray(2, {0: "a"})


def test_items_are_ascending_whatever_the_order_they_came_in():
    assert SparseArray(9, {8: "b", 1: "a"}).items() == [(1, "a"), (8, "b")]


def test_it_equals_a_list_with_holes():
    assert SparseArray(3, {1: "a"}) == [hole, "a", hole]
    assert SparseArray(3, {1: "a"}) != [hole, "a"]


def test_clones_keep_cycles():
    array = SparseArray(5)
    array[2] = array
    for twin in (copy.deepcopy(array), pickle.loads(pickle.dumps(array))):
        assert twin[2] is twin
    assert repr(array) == "SparseArray(5, {2: SparseArray(...)})"


ITEMS = st.one_of(st.just(hole), st.integers(0, 3))
STEPS = st.lists(st.tuples(st.sampled_from(["insert", "delete", "set", "append"]), st.integers(-7, 7), ITEMS))


@given(st.lists(ITEMS), STEPS)
def test_it_behaves_as_a_list_with_holes(start, steps):
    model = list(start)
    array = SparseArray(len(start), list(enumerate(start)))
    for action, index, value in steps:
        if action == "insert":
            model.insert(index, value)
            array.insert(index, value)
        elif action == "append":
            model.append(value)
            array.append(value)
        elif -len(model) <= index < len(model):
            if action == "set":
                model[index] = array[index] = value
            else:
                del model[index], array[index]
    assert list(array) == model
    assert array == model


@given(st.lists(ITEMS), st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([-2, -1, 1, 2, None]))
def test_a_slice_is_that_of_a_list(items, start, stop, step):
    array = SparseArray(len(items), list(enumerate(items)))
    assert list(array[start:stop:step]) == items[start:stop:step]
