"""Code of the caller that runs in the middle of the codec, and does what it should not.

A crash of the interpreter is what these tests are about: each lets something change, free, raise or re-enter at one
place where Python code can run, while every kind of container is being walked.
"""

import contextlib
import gc
import itertools
from collections import OrderedDict
from datetime import datetime, timedelta, tzinfo

import pytest

from devalue import (
    ArrayBuffer,
    Boxed,
    DataView,
    Date,
    EncodeError,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    TypedArray,
    URLSearchParams,
)

_numbers = itertools.count()


def fresh():
    """A str that only its container holds."""
    return f"text {next(_numbers)}"


class Thing:
    """What only a hook can write."""


class HookError(Exception):
    """What hooks raise here."""


# --- the containers around the value that acts ----------------------------------------------------------------------


def flat_map(pairs):
    made = Map.__new__(Map)
    made._flat, made._index = [part for pair in pairs for part in pair], None
    return made


def flat_set(items):
    made = Set.__new__(Set)
    made._flat, made._index = list(items), None
    return made


WRAPPINGS = {
    "list": lambda item: [fresh(), [fresh()], item, [fresh()], fresh()],
    "tuple": lambda item: (fresh(), [fresh()], item, [fresh()]),
    "dict": lambda item: {fresh(): [fresh()], "at": item, fresh(): [fresh()]},
    "NullObject": lambda item: NullObject({fresh(): [fresh()], "at": item, fresh(): [fresh()]}),
    "OrderedDict": lambda item: OrderedDict({fresh(): [fresh()], "at": item, fresh(): [fresh()]}),
    "Map": lambda item: Map([(fresh(), [fresh()]), ([fresh()], item), (fresh(), [fresh()])]),
    "flat Map": lambda item: flat_map([(fresh(), [fresh()]), ([fresh()], item), (fresh(), [fresh()])]),
    "Map key": lambda item: Map([(fresh(), [fresh()]), (item, [fresh()]), (fresh(), [fresh()])]),
    "Set": lambda item: Set([fresh(), item, fresh()]),
    "flat Set": lambda item: flat_set([fresh(), item, fresh()]),
    "SparseArray": lambda item: SparseArray(2**31, {1: fresh(), 2**30: item, 2**31 - 1: [fresh()]}),
}


def surrounded(item):
    """The value in every kind of container at once, and the list of those containers."""
    containers = []
    for wrap in WRAPPINGS.values():
        item = wrap(item)
        containers.append(item)
    return item, containers


# --- what hooks do --------------------------------------------------------------------------------------------------


def empty(containers, codec):
    """Change all that is being walked, and let go of all that was in it."""
    for one in containers:
        if isinstance(one, SparseArray):
            one._items.clear()
        elif not isinstance(one, tuple):
            one.clear()
    churn()


def fill(containers, codec):
    for one in containers:
        if isinstance(one, (dict, Map)):
            one.update({f"new {number}": [number] for number in range(100)})
        elif isinstance(one, Set):
            one.update(map(str, range(100))) if hasattr(one, "update") else [one.add(str(n)) for n in range(100)]
        elif isinstance(one, SparseArray):
            one._items.update({number: str(number) for number in range(100)})
        elif isinstance(one, list):
            one[:0] = [[number] for number in range(1000)]
    churn()


def forget(containers, codec):
    """Let go of the containers themselves."""
    empty(containers, codec)
    containers.clear()
    churn()


def reenter(containers, codec):
    for _ in range(3):
        codec.parse(codec.stringify({"nested": [fresh(), {1, 2}, b"bytes", Map([(fresh(), 1)])] * 50}))
        with pytest.raises(EncodeError):
            codec.stringify([[fresh()], object()])


def fail(containers, codec):
    raise HookError


def churn():
    """Give what was freed to somebody else."""
    gc.collect()
    return [bytearray(size) for size in (32, 48, 64, 96, 128, 512) for _ in range(40)]


ACTS = {"empty": empty, "fill": fill, "forget": forget, "re-enter": reenter, "raise": fail}


# --- where code of the caller runs ----------------------------------------------------------------------------------


def with_act(base, *names):
    """Makes a subclass of `base` whose methods of these names act before they do as `base` does."""

    def make(act, *arguments):
        def method(name):
            def run(self, *more):
                act()
                inherited = getattr(base, name)
                return inherited(self, *more) if callable(inherited) else inherited.__get__(self)

            return run

        return type(f"Acting{base.__name__}", (base,), {name: method(name) for name in names})(*arguments)

    return make


def with_property(base, name):
    """The same for an attribute."""

    def make(act, *arguments):
        def run(self):
            act()
            return getattr(base, name).__get__(self)

        attribute = property(run, lambda self, value: getattr(base, name).__set__(self, value))
        return type(f"Acting{base.__name__}", (base,), {name: attribute})(*arguments)

    return make


def class_property(base):
    def make(act, *arguments):
        def run(self):
            act()
            return base

        return type(f"Acting{base.__name__}", (base,), {"__class__": property(run)})(*arguments)

    return make


def acting_metaclass(base):
    """An instance of a class that acts when its class is hashed or compared."""

    def make(act, *arguments):
        class Meta(type):
            def __hash__(cls):
                act()
                return 5

            def __eq__(cls, other):
                act()
                return cls is other

        return Meta(f"Meta{base.__name__}", (base,), {})(*arguments)

    return make


class Zone(tzinfo):
    def __init__(self, act):
        self.act = act

    def utcoffset(self, moment):
        self.act()
        return timedelta(hours=1)


class Collected:
    """Acts when the garbage collector finds it."""

    def __init__(self, act):
        self.act, self.me = act, self

    def __del__(self):
        with contextlib.suppress(HookError):  # Python would only print it
            self.act()


def collected_at_once(act, value, **options):
    """A value whose making of containers runs the collector, and that a finalizer."""
    Collected(act)
    gc.set_threshold(1)
    return value, options


def buffer_exporter(act):
    buffers = pytest.importorskip("devalue._buffer")

    class Exporter(buffers.BufferProtocol):
        def __buffer__(self, flags):
            act()
            return memoryview(b"exported")

    return Exporter()


class InstanceCheck(type):
    act = None

    def __instancecheck__(cls, instance):
        cls.act()
        return False


def type_that_acts(act):
    made = InstanceCheck("Kind", (), {})
    made.act = act
    return made


def acting(result):
    """A function for `default` and reducers that acts, then gives the result."""
    return lambda act: lambda value: (act(), result)[1]


# name -> act -> (value, options)
PLACES = {
    "default": lambda act: (Thing(), {"default": acting([1])(act)}),
    "default for a function": lambda act: (len, {"default": acting("x")(act)}),
    "typed reducer": lambda act: (Thing(), {"reducers": {"Thing": (Thing, acting([1])(act))}}),
    "reducer": lambda act: (Thing(), {"reducers": {"T": lambda v: isinstance(v, Thing) and acting([1])(act)(v)}}),
    "reducer that declines": lambda act: ([], {"reducers": {"T": acting(None)(act)}}),
    "type of a reducer": lambda act: ({1}, {"reducers": {"T": (type_that_acts(act), lambda _: None)}}),
    "time zone": lambda act: (datetime(2024, 1, 1, tzinfo=Zone(act)), {}),
    "naive_tz": lambda act: (datetime(2024, 1, 1), {"naive_tz": Zone(act)}),
    "time zone of a subclass": lambda act: (type("D", (datetime,), {})(2024, 1, 1, tzinfo=Zone(act)), {}),
    "utcoffset of a subclass": lambda act: (with_act(datetime, "utcoffset")(act, 2024, 1, 1), {"naive_tz": Zone(act)}),
    "__iter__ of a set": lambda act: (with_act(set, "__iter__", "__len__")(act, "ab"), {}),
    "__iter__ of a frozenset": lambda act: (with_act(frozenset, "__iter__", "__len__", "__hash__")(act, "ab"), {}),
    "__iter__ of a list": lambda act: (with_act(list, "__iter__", "__len__", "__getitem__")(act, "ab"), {}),
    "__iter__ of a tuple": lambda act: (with_act(tuple, "__iter__", "__len__", "__hash__")(act, "ab"), {}),
    "items of a dict": lambda act: (with_act(dict, "items", "keys", "__iter__", "__len__")(act, {"a": "b"}), {}),
    "items of an OrderedDict": lambda act: (with_act(OrderedDict, "items", "keys", "__iter__")(act, {"a": "b"}), {}),
    "keys of a Map": lambda act: (with_act(Map, "keys", "items", "__iter__", "__len__")(act, [("a", 1)]), {}),
    "_flat_items of a Map": lambda act: (with_act(Map, "_flat_items")(act, [("a", 1)]), {}),
    "__iter__ of a Set": lambda act: (with_act(Set, "__iter__", "__len__")(act, "ab"), {}),
    "_flat_items of a Set": lambda act: (with_act(Set, "_flat_items")(act, "ab"), {}),
    "__eq__ of a str": lambda act: (with_act(str, "__eq__", "__hash__", "__str__", "__len__")(act, "text"), {}),
    "__index__ of an int": lambda act: (with_act(int, "__index__", "__int__", "__hash__", "__eq__")(act, 5), {}),
    "__float__ of a float": lambda act: (with_act(float, "__float__", "__hash__", "__eq__")(act, 5.5), {}),
    "__hash__ of a key": lambda act: (acting_key(act), {}),
    "milliseconds of a Date": lambda act: (with_property(Date, "milliseconds")(act, 5.0), {}),
    "source of a RegExp": lambda act: (with_property(RegExp, "source")(act, "a", "g"), {}),
    "flags of a RegExp": lambda act: (with_property(RegExp, "flags")(act, "a", "g"), {}),
    "__str__ of URLSearchParams": lambda act: (with_act(URLSearchParams, "__str__")(act, "a=1"), {}),
    "value of a Boxed": lambda act: (with_property(Boxed, "value")(act, 1), {}),
    "buffer of a TypedArray": lambda act: (with_property(TypedArray, "buffer")(act, "Int8Array", [1, 2]), {}),
    "kind of a TypedArray": lambda act: (with_property(TypedArray, "kind")(act, "Int8Array", [1, 2]), {}),
    "buffer of a DataView": lambda act: (with_property(DataView, "buffer")(act, ArrayBuffer(b"abc")), {}),
    "_data of an ArrayBuffer": lambda act: (with_property(ArrayBuffer, "_data")(act, b"abc"), {}),
    "_items of a SparseArray": lambda act: (with_property(SparseArray, "_items")(act, 10, {1: 2}), {}),
    "__buffer__": lambda act: (buffer_exporter(act), {}),
    "__buffer__ with a hook": lambda act: (buffer_exporter(act), {"default": acting(1)(act)}),
    "__class__ of a dict": lambda act: (class_property(dict)(act, {"a": 1}), {}),
    "__class__ of a list": lambda act: (class_property(list)(act, [1]), {}),
    "__class__ of an object": lambda act: (class_property(Thing)(act), {"default": acting(1)(act)}),
    "metaclass of a list": lambda act: (acting_metaclass(list)(act, [1]), {}),
    "metaclass of a dict": lambda act: (acting_metaclass(dict)(act, {"a": 1}), {}),
    "metaclass of an object": lambda act: (acting_metaclass(Thing)(act), {"default": acting(1)(act)}),
    "finalizer": lambda act: collected_at_once(act, {5, 6}),
    "finalizer, a subclass": lambda act: collected_at_once(act, type("L", (list,), {})([1])),
    "finalizer, with default": lambda act: collected_at_once(act, Thing(), default=lambda _: [1]),
    "finalizer, a view": lambda act: collected_at_once(act, TypedArray("Int16Array", [1, 2, 3])[1:]),
}


def acting_key(act):
    class Key(str):
        def __hash__(self):
            act()
            return hash(self + "")

        def __eq__(self, other):
            act()
            return str.__eq__(self, other)

    return {Key("k"): 1, Key("l"): 2}


@pytest.fixture(autouse=True)
def _collector():
    """Collects only what a test made: all that the run had made before took most of the time of these tests."""
    before = gc.get_threshold()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("place", PLACES)
def test_code_that_runs_during_stringify_harms_nothing(codec, place, act):
    containers = []
    left = []  # how often to act; not before the value is complete
    item, options = PLACES[place](lambda: left and left.pop() and ACTS[act](containers, codec))
    value, around = surrounded(item)
    containers += around
    del item, around
    left += [True] * 3
    # What the hook raised, or what no longer could be written.
    with contextlib.suppress(HookError, EncodeError, RuntimeError, TypeError):
        assert isinstance(codec.stringify(value, **options), str)
    assert codec.stringify([1, {"a": "b"}]) == '[[1,2],1,{"a":3},"b"]'
