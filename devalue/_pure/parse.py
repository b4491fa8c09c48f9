"""parse and unflatten: the text, or the slots, of ``devalue.stringify`` to a value. The reference of reading.

Slot 0 is the root. A slot is a JSON primitive, which stands for itself, or a container that holds the indices of
its children, or ``["Tag", …]``. Slots that the root does not lead to are ignored, as in JavaScript.

The walk keeps its own stack of generators, one for each slot that is being read: a generator yields an index (or
what stands in the place of one), is sent the value of that slot, and returns its own. Containers are known to the
walk before their children are read, which closes the cycles.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from devalue._pure.json_reader import read_json, slot_position
from devalue._pure.leaves import LEAF_READERS, literal
from devalue._rules import (
    HOLE,
    MAX_ARRAY_LENGTH,
    MAX_SAFE_INTEGER,
    NAN,
    NEGATIVE_INFINITY,
    NEGATIVE_ZERO,
    POSITIVE_INFINITY,
    SPARSE,
    UNDEFINED,
)
from devalue.errors import DecodeError
from devalue.types import ArrayBuffer, Boxed, DataView, Map, NullObject, Set, SparseArray, TypedArray, hole, undefined
from devalue.types.binary import TYPED_ARRAYS

__all__ = ["decode_utf8", "parse", "unflatten"]

C = TypeVar("C", Map[Any, Any], Set[Any])
Revivers: TypeAlias = Mapping[str, Callable[[Any], Any] | None]


def parse(data: str | bytes | bytearray | memoryview, *, revivers: Revivers | None = None) -> Any:
    """Read the text that ``devalue.stringify`` wrote, in JavaScript or in Python.

    Args:
        data: the text; bytes are UTF-8.
        revivers: by name, a function that takes what the reducer of that name returned and gives the value back. A
            reviver that is named like a built-in type wins over it. Where a value that was reduced holds itself,
            the reviver gets a payload that is not complete yet: it may keep the payload, but not copy from it.

    Returns:
        The value. Its containers are new; one slot is one object, so sharing and cycles are as they were.

    Raises:
        DecodeError: the text is no JSON, or no text of devalue.

    An exception that a reviver raises passes through.
    """
    text = data if isinstance(data, str) else decode_utf8(data)
    return _Hydration(read_json(text), revivers, text).root()


def unflatten(slots: list[Any] | int | float, *, revivers: Revivers | None = None) -> Any:
    """Read slots: what ``json.loads`` gives for a text of devalue. They are not changed.

    The same as :func:`parse` otherwise; an error knows the slot, but no position.
    """
    return _Hydration(slots, revivers, None).root()


def decode_utf8(data: bytes | bytearray | memoryview) -> str:
    """The text of UTF-8 bytes.

    Raises:
        DecodeError: they are no UTF-8; ``pos`` counts the characters before the first wrong byte.
        TypeError: they are no bytes.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"devalue.parse takes str, bytes, bytearray or memoryview, not {type(data).__name__}")
    raw = bytes(data)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        pos = len(raw[: error.start].decode())
        message = f"Invalid UTF-8: {error.reason} at byte {error.start}"
        raise DecodeError(message, raw.decode(errors="replace"), pos) from None


# What reads a slot: yields indices, is sent their values, returns the slot's value.
Steps: TypeAlias = Generator[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class _Inline:
    """Yielded in the place of an index: the content of a slot that stands where it is used."""

    content: Any


@dataclass(slots=True)
class _Frame:
    """A slot that is being read."""

    slot: int
    steps: Steps
    reviver: Callable[[Any], Any] | None = None  # makes the value of what the steps return
    payload: Any = None  # what the reviver waits for


_UNREAD: Final = object()
_SENTINELS: Final = {
    UNDEFINED: undefined,
    NAN: float("nan"),
    POSITIVE_INFINITY: float("inf"),
    NEGATIVE_INFINITY: float("-inf"),
    NEGATIVE_ZERO: -0.0,
}
_BOXABLE_SENTINELS: Final = (NAN, POSITIVE_INFINITY, NEGATIVE_INFINITY, NEGATIVE_ZERO)


class _Hydration:
    """The state of one call."""

    def __init__(self, slots: Any, revivers: Revivers | None, text: str | None) -> None:
        self._slots = slots
        self._revivers = revivers or {}
        self._text = text
        self._values: list[Any] = []  # by slot; after them those of inline payloads
        self._frames: list[_Frame] = []
        self._awaited: set[Any] = set()  # payloads that a reviver waits for

    def root(self) -> Any:
        slots = self._slots
        if _is_number(slots):
            if slots in _SENTINELS:
                return _SENTINELS[slots]
            raise self._error(f"Invalid input (the number {literal(slots)} alone is no value)")
        if not isinstance(slots, list) or not slots:
            raise self._error("Invalid input (expected an array of slots, or one of the numbers -1, -3, -4, -5, -6)")
        self._values = [_UNREAD] * len(slots)
        try:
            return self._walk(0)
        finally:
            self._frames.clear()  # their generators hold this object: after an error, a cycle of garbage

    def _walk(self, reference: Any) -> Any:
        value = self._look_up(reference)
        while self._frames:
            frame = self._frames[-1]
            try:
                reference = frame.steps.send(value)
            except StopIteration as done:
                value = self._finish(self._frames.pop(), done.value)
            else:
                value = self._look_up(reference)
        return value

    def _look_up(self, reference: Any) -> Any:
        """The value that an index leads to; None, which starts a generator, if a frame for it now lies on top."""
        if isinstance(reference, _Inline):
            self._values.append(_UNREAD)
            return self._read(len(self._values) - 1, reference.content)
        if _is_number(reference) and reference in _SENTINELS:
            return _SENTINELS[reference]
        index = self._index(reference)
        value = self._values[index]
        return self._read(index, self._slots[index]) if value is _UNREAD else value

    def _finish(self, frame: _Frame, value: Any) -> Any:
        if frame.reviver is not None:
            self._awaited.discard(frame.payload)
            if self._values[frame.slot] is not _UNREAD:
                return self._values[frame.slot]  # its own payload led to it: revived then, one slot is one object
            value = frame.reviver(value)
        self._values[frame.slot] = value
        return value

    def _read(self, index: int, content: Any) -> Any:
        """The value of a slot that was not read before; None if it takes a frame."""
        if isinstance(content, list):
            if content and isinstance(content[0], str):
                return self._read_tagged(index, content[0], content)
            steps = self._sparse_array if content and content[0] == SPARSE else self._array
            return self._push(_Frame(index, steps(index, content)))
        if isinstance(content, dict):
            return self._push(_Frame(index, self._object(index, content)))
        if not isinstance(content, (str, int, float, type(None))):
            raise self._error(f"Invalid input (a slot holds a {type(content).__name__}, which is no JSON)", index)
        self._values[index] = value = literal(content)
        return value

    def _read_tagged(self, index: int, tag: str, content: list[Any]) -> Any:
        reviver = self._revivers.get(tag)
        if reviver is not None:
            return self._read_custom(index, reviver, content)
        if tag in _CONTAINER_READERS:
            return self._push(_Frame(index, _CONTAINER_READERS[tag](self, index, content)))
        if tag not in LEAF_READERS:
            raise self._error(f"Unknown type {tag}", index)
        try:
            self._values[index] = value = LEAF_READERS[tag](content[1:])
        except ValueError as error:
            what = "ArrayBuffer encoding" if tag == "ArrayBuffer" else "input"
            raise self._error(f"Invalid {what} ({error})", index) from None
        return value

    def _read_custom(self, index: int, reviver: Callable[[Any], Any], content: list[Any]) -> Any:
        reference = content[1] if len(content) > 1 else UNDEFINED
        if _is_number(reference):
            payload = self._if_read(reference)
            if payload is not _UNREAD:
                # Used elsewhere before, or it led here: a cycle. It is there, if perhaps not complete.
                self._values[index] = value = reviver(payload)
                return value
            frame = _Frame(index, self._payload(reference), reviver, reference)
        else:
            # The form of a built-in type, ["URL","https://…"]: the payload itself stands in the place of its index.
            frame = _Frame(index, self._payload(_Inline(reference)), reviver, (index,))
        if frame.payload in self._awaited:
            raise self._error("Invalid circular reference", index)
        self._awaited.add(frame.payload)
        return self._push(frame)

    def _push(self, frame: _Frame) -> None:
        self._frames.append(frame)

    def _if_read(self, reference: int | float) -> Any:
        """The value of a slot that was read before; _UNREAD also for what is no index."""
        if 0 <= reference < len(self._slots) and reference == int(reference):
            return self._values[int(reference)]
        return _UNREAD

    def _index(self, reference: Any) -> int:
        """An index of a slot, checked. ``1.0`` is one: JavaScript has no other numbers."""
        count = len(self._slots)
        if not _is_number(reference):
            raise self._error(f"Invalid input (an index is a number, not {_json_kind(reference)})")
        if reference == HOLE:
            raise self._error("Invalid input (a hole, -2, stands in arrays only)")
        if not 0 <= reference < count or reference != int(reference):
            raise self._error(f"Invalid input (index {literal(reference)}, but the slots are 0 to {count - 1})")
        return int(reference)

    def _error(self, message: str, slot: int | None = None) -> DecodeError:
        """An error in a slot, by default the one that is being read."""
        inside = [slot] if slot is not None else []
        inside += [frame.slot for frame in reversed(self._frames)]
        slot = next((one for one in inside if one < len(self._slots)), None)  # an inline payload is no slot
        if self._text is None:
            return DecodeError(message, slot=slot)
        pos = 0 if slot is None else slot_position(self._text, slot)
        return DecodeError(message, self._text, pos, slot)

    # --- containers: each of these is a `Steps` ---------------------------------------------------------------------

    def _payload(self, reference: Any) -> Steps:
        return (yield reference)

    def _array(self, index: int, content: list[Any]) -> Steps:
        self._values[index] = array = []
        for reference in content:
            array.append(hole if reference == HOLE else (yield reference))
        return array

    def _sparse_array(self, index: int, content: list[Any]) -> Steps:
        length = _after_tag(content)
        if not _is_count(length, MAX_ARRAY_LENGTH):
            raise self._error(f"Invalid input (the length of a sparse array is 0 to {MAX_ARRAY_LENGTH})")
        self._values[index] = array = SparseArray(int(length))
        for at in range(2, len(content), 2):
            position = content[at]
            if not _is_count(position, length - 1):
                raise self._error("Invalid input (an index of a sparse array is smaller than its length)")
            array._items[int(position)] = yield self._partner(content, at, "a sparse array")
        return array

    def _object(self, index: int, content: dict[Any, Any]) -> Steps:
        self._values[index] = members = {}
        for key, reference in content.items():
            name = self._key(key)
            members[name] = yield reference
        return members

    def _null_object(self, index: int, content: list[Any]) -> Steps:
        self._values[index] = members = NullObject()
        for at in range(1, len(content), 2):
            key = self._key(content[at])
            members[key] = yield self._partner(content, at, "an object")
        return members

    def _map(self, index: int, content: list[Any]) -> Steps:
        flat: list[Any] = []
        self._values[index] = result = _of_flat(Map, flat)
        for at in range(1, len(content), 2):
            key = yield content[at]
            value = yield self._partner(content, at, "a Map")
            if result._flat is flat:
                flat += key, value
            else:  # in a cycle a reviver was given the unfinished Map, and looked into it
                result[key] = value
        return result

    def _set(self, index: int, content: list[Any]) -> Steps:
        flat: list[Any] = []
        self._values[index] = result = _of_flat(Set, flat)
        for reference in content[1:]:
            item = yield reference
            if result._flat is flat:
                flat.append(item)
            else:  # as in a Map
                result.add(item)
        return result

    def _boxed(self, index: int, content: list[Any]) -> Steps:
        reference = _after_tag(content)
        if not (_is_number(reference) and reference in _BOXABLE_SENTINELS):
            # Looked at before it is read, so that a box cannot lead to itself.
            inner = self._slots[self._index(reference)]
            if not isinstance(inner, (str, int, float)) and not _is_tagged(inner, "BigInt"):
                raise self._error("Invalid input (only a string, a boolean, a number or a BigInt can be boxed)")
        value = yield reference
        if not isinstance(value, (str, int, float)):
            raise self._error(f"Invalid input (a reviver gave a {type(value).__name__}, which cannot be boxed)")
        return Boxed(value)

    def _view(self, index: int, content: list[Any]) -> Steps:
        tag, reference, window = content[0], _after_tag(content), content[2:4]
        # Looked at before it is read: only the slot of an ArrayBuffer can give memory to a view.
        if not _is_tagged(self._slots[self._index(reference)], "ArrayBuffer"):
            raise self._error(f"Invalid input (a {tag} needs the slot of an ArrayBuffer)")
        buffer = yield reference
        if not isinstance(buffer, ArrayBuffer):
            raise self._error(f"Invalid input (a reviver gave a {type(buffer).__name__}, which is no ArrayBuffer)")
        if not all(_is_count(number, MAX_SAFE_INTEGER) for number in window):
            raise self._error(f"Invalid input (offset and length of a {tag} are integers from 0)")
        try:
            return _new_view(tag, buffer, [int(number) for number in window])
        except ValueError as error:
            raise self._error(f"Invalid input ({error})") from None

    def _key(self, key: Any) -> str:
        if not isinstance(key, str):
            raise self._error("Cannot parse an object with a non-string key")
        if key == "__proto__":
            raise self._error("Cannot parse an object with a `__proto__` property")
        return key

    def _partner(self, content: list[Any], at: int, what: str) -> Any:
        """The index that follows a key."""
        if at + 1 == len(content):
            raise self._error(f"Invalid input (the last key of {what} has no value)")
        return content[at + 1]


_CONTAINER_READERS: Final[dict[str, Callable[[_Hydration, int, list[Any]], Steps]]] = {
    "Map": _Hydration._map,
    "Set": _Hydration._set,
    "null": _Hydration._null_object,
    "Object": _Hydration._boxed,
    "DataView": _Hydration._view,
    **dict.fromkeys(TYPED_ARRAYS, _Hydration._view),
}


def _of_flat(kind: type[C], flat: list[Any]) -> C:
    """A Map or Set over a list that is still being filled; its index is made by the first look-up."""
    collection = kind.__new__(kind)
    collection._flat = flat
    collection._index = None
    return collection


def _new_view(tag: str, buffer: ArrayBuffer, window: list[int]) -> TypedArray | DataView:
    return DataView(buffer, *window) if tag == "DataView" else TypedArray(tag, buffer, *window)


def _after_tag(content: list[Any]) -> Any:
    """The first argument of a tag; undefined where there is none, as in JavaScript."""
    return content[1] if len(content) > 1 else undefined


def _is_tagged(content: Any, tag: str) -> bool:
    return isinstance(content, list) and bool(content) and content[0] == tag


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any, limit: int | float) -> bool:
    """Whether a value is an integer from 0 to a limit."""
    return _is_number(value) and 0 <= value <= limit and value == int(value)


def _json_kind(value: Any) -> str:
    if value is undefined:
        return "missing"
    kinds = {str: "a string", bool: "a boolean", type(None): "null", list: "an array", dict: "an object"}
    return kinds.get(type(value), f"a {type(value).__name__}")
