"""stringify: a value to the text that JavaScript's ``devalue.parse`` reads. The reference of writing.

The text is a JSON array of slots. Each value takes the next index when it is met (pre-order), writes its text into
that slot when its children have theirs, and refers to them by index. Values that are the same to JavaScript share a
slot, which is how shared references and cycles travel.

The walk keeps its own stack of generators, one for each container that is being written: a generator yields a child
together with the step to it, is sent the child's index, and returns the container's text.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeAlias

from devalue._pure.contents import elements, items, members
from devalue._pure.leaves import LEAF_WRITERS, datetime_text
from devalue._pure.paths import MapKey, Segment, format_path
from devalue._pure.reducers import Reducer, prepare_reducers
from devalue._pure.refusals import (
    CLAIMED_BUFFER,
    CLAIMED_PRIMITIVE,
    PROTO_KEY,
    Refusal,
    key_is_no_string,
    too_deep,
)
from devalue._pure.stand_ins import stand_in
from devalue._rules import HOLE, MAX_DEPTH, SPARSE, UNDEFINED, is_falsy, quote, sentinel, sparse_is_shorter
from devalue.errors import EncodeError
from devalue.types import ArrayBuffer, Boxed, DataView, Map, NullObject, Set, SparseArray, Temporal, TypedArray, hole
from devalue.types.keys import NormalKeys, canonical, is_interned

__all__ = ["Writer", "stringify"]

# What writes a container: yields (child, step to it), is sent the child's index, returns the slot's text.
Steps: TypeAlias = Generator[tuple[Any, Segment], int, str]

_MAX_DEFAULT_CHAIN = 100
_STARTS_OF_PRIMITIVES = ('["BigInt",', '"', "-", "t", "f", "n", *"0123456789")


def stringify(
    value: Any,
    *,
    reducers: Mapping[str, Any] | None = None,
    default: Callable[[Any], Any] | None = None,
    naive_tz: tzinfo | None = None,
    max_depth: int | None = MAX_DEPTH,
) -> str:
    """Write a value as text that ``devalue.parse`` reads, in JavaScript and in Python.

    Args:
        value: anything of the table of values; shared references and cycles are kept.
        reducers: by name, a function, or ``(type, function)`` to run it for instances of that type only. Each
            distinct value is shown to the functions in order, containers and primitives alike; the first result
            that is not falsy in JavaScript is written in the value's place, under that name, and the reviver of the
            same name reads it. ``[]`` and ``{}`` are not falsy.
        default: called with a value that could not be written (as in ``json``), once for each such object; its
            result is written in the value's place, without a name.
        naive_tz: what naive datetimes mean. Without it they are refused.
        max_depth: how deep containers may nest. JavaScript recurses and cannot read much deeper texts than the
            default; None for no limit.

    Raises:
        EncodeError: the value, or one inside it, cannot be written; ``.path`` says where.

    An exception that a reducer or ``default`` raises passes through.
    """
    return Writer(value, prepare_reducers(reducers), default, naive_tz, max_depth).write()


@dataclass(slots=True)
class _Frame:
    """A container that is being written."""

    index: int
    steps: Steps
    started: bool = False
    segment: Segment = None  # the step to the child that is being written


class Writer:
    """One walk over a value; :func:`stringify` says what the arguments mean."""

    def __init__(
        self,
        root: Any,
        reducers: list[Reducer],
        default: Callable[[Any], Any] | None,
        naive_tz: tzinfo | None,
        max_depth: int | None,
    ) -> None:
        self._root = root
        self._reducers = reducers
        self._default = default
        self._naive_tz = naive_tz
        self._max_depth = max_depth
        self._slots: list[str] = []
        self._frames: list[_Frame] = []
        self._seen: dict[Any, int] = {}
        self._normal_key = NormalKeys()
        # Identities are compared by id, which Python gives again to a new object once the old one is freed (a
        # reducer's result, say): every object met stays alive until the end.
        self._alive: list[Any] = []

    def write(self) -> str:
        """The text of the root."""
        index = self.walk(self._root)
        return str(index) if index < 0 else f"[{','.join(self._slots)}]"

    def walk(self, value: Any) -> int:
        """Give a value and all inside it that was not met before their slots; the index of the value."""
        try:
            return self._walk(value)
        finally:
            self._frames.clear()  # their generators hold this object: after an error, a cycle of garbage

    def _walk(self, value: Any) -> int:
        index = self._visit(value)
        while self._frames:
            frame = self._frames[-1]
            frame.segment = None
            try:
                child, frame.segment = frame.steps.send(index if frame.started else None)  # type: ignore[arg-type]
            except StopIteration as done:
                self._frames.pop()
                self._slots[frame.index] = done.value
                index = frame.index
            else:
                frame.started = True
                index = self._visit(child)
        return index

    def _visit(self, value: Any) -> int:
        """The index of a value. A container that was not met before now has its frame on top of the stack."""
        refused: list[Any] = []
        index = self._index_of(value)
        while index is None:
            content = self._reduce(value) or self._content(value)
            if isinstance(content, Refusal):
                refused.append(value)
                value = self._substitute(value, content, len(refused))
                index = self._index_of(value)
            else:
                index = self._take_slot(value, content)
        for one in refused:
            self._remember(one, index)
        return index

    def _index_of(self, value: Any) -> int | None:
        number = sentinel(value)
        return self._seen.get(self._identity(value)) if number is None else number

    def _identity(self, value: Any) -> Any:
        """The key under which values share a slot; one of its own for what never does."""
        return object() if is_interned(value) else self._normal_key(value)

    def _remember(self, value: Any, index: int) -> None:
        self._seen[self._identity(value)] = index
        self._alive.append(value)

    def _reduce(self, value: Any) -> Steps | None:
        """The steps of the first reducer that claims the value."""
        for reducer in self._reducers:
            if reducer.kind is None or isinstance(value, reducer.kind):
                result = reducer.function(value)
                if not is_falsy(result):
                    return self._custom(reducer.name, result)
        return None

    def _content(self, value: Any) -> str | Steps | Refusal:
        """The text of a leaf, the steps of a container, or why there is neither."""
        for base in type(value).__mro__:  # a subclass is written as its nearest base that the format knows
            if base in LEAF_WRITERS:
                return LEAF_WRITERS[base](value)
            if base in _CONTAINER_WRITERS:
                return _CONTAINER_WRITERS[base](self, value)
            if base is datetime:
                return datetime_text(value, self._naive_tz)
        written = stand_in(value)
        if isinstance(written, Temporal):
            return LEAF_WRITERS[Temporal](written)
        return written if isinstance(written, Refusal) else self._view(written)

    def _take_slot(self, value: Any, content: str | Steps) -> int:
        index = len(self._slots)
        self._remember(value, index)
        if isinstance(content, str):
            self._slots.append(content)
            return index
        if self._max_depth is not None and len(self._frames) >= self._max_depth:
            raise self._error(too_deep(self._max_depth), value)
        self._slots.append("")
        self._frames.append(_Frame(index, content))
        return index

    def _substitute(self, value: Any, refusal: Refusal, attempt: int) -> Any:
        """What ``default`` gives for a value that was refused."""
        if self._default is None or attempt > _MAX_DEFAULT_CHAIN:
            raise self._error(refusal, value)
        result = self._default(value)
        if result is value:
            raise self._error(refusal, value)
        return result

    def _error(self, refusal: Refusal, value: Any) -> EncodeError:
        path = format_path(frame.segment for frame in self._frames)
        return EncodeError(refusal.message, path=path, value=value, root=self._root, hint=refusal.hint)

    # --- containers: each of these is a `Steps` ---------------------------------------------------------------------

    def _custom(self, name: str, result: Any) -> Steps:
        index = yield result, None
        return f'["{name}",{index}]'

    def _array(self, value: list[Any] | tuple[Any, ...]) -> Steps:
        every = elements(value)
        there = {index: item for index, item in enumerate(every) if item is not hole}
        return self._slot_of_array(len(every), there)

    def _sparse_array(self, array: SparseArray) -> Steps:
        return self._slot_of_array(array._length, dict(sorted(array._items.items())))

    def _slot_of_array(self, length: int, there: dict[int, Any]) -> Steps:
        """An array by its length and what is there, ascending; whichever form is shorter."""
        if len(there) < length and sparse_is_shorter(length, len(there)):
            parts = [str(SPARSE), str(length)]
            for index, item in there.items():
                parts += [str(index), str((yield item, index))]
        else:
            parts = [str(HOLE)] * length
            for index, item in there.items():
                parts[index] = str((yield item, index))
        return f"[{','.join(parts)}]"

    def _object(self, value: dict[Any, Any]) -> Steps:
        parts = []
        for key, item in items(value):
            name = self._key(key, value)
            index = yield item, key
            parts.append(f"{name}:{index}")
        return f"{{{','.join(parts)}}}"

    def _null_object(self, value: NullObject) -> Steps:
        parts = ['"null"']
        for key, item in items(value):
            name = self._key(key, value)
            index = yield item, key
            parts.append(f"{name},{index}")
        return f"[{','.join(parts)}]"

    def _key(self, key: Any, value: dict[Any, Any]) -> str:
        if not isinstance(key, str):
            raise self._error(key_is_no_string(key), value)
        if key == "__proto__":
            raise self._error(PROTO_KEY, value)
        return quote(key)

    def _map(self, value: Map[Any, Any]) -> Steps:
        parts = ['"Map"']
        flat = list(value._flat_items())
        for key, item in zip(flat[::2], flat[1::2], strict=True):
            step = MapKey(key)
            parts += [str((yield canonical(key), step)), str((yield item, step))]
        return f"[{','.join(parts)}]"

    def _set(self, value: Set[Any] | set[Any] | frozenset[Any]) -> Steps:
        parts = ['"Set"']
        for item in members(value):
            parts.append(str((yield canonical(item), None)))
        return f"[{','.join(parts)}]"

    def _boxed(self, value: Boxed) -> Steps:
        index = yield value.value, None
        if index in (UNDEFINED, HOLE) or (index >= 0 and not self._slots[index].startswith(_STARTS_OF_PRIMITIVES)):
            raise self._error(CLAIMED_PRIMITIVE, value)
        return f'["Object",{index}]'

    def _bytes(self, value: bytes | bytearray) -> Steps:
        return self._view(TypedArray("Uint8Array", ArrayBuffer(value)))

    def _view(self, view: TypedArray | DataView) -> Steps:
        index = yield view.buffer, None
        if index < 0 or not self._slots[index].startswith('["ArrayBuffer",'):
            raise self._error(CLAIMED_BUFFER, view)
        tag, length = ("DataView", view.byte_length) if isinstance(view, DataView) else (view.kind, view.length)
        part = "" if view.byte_length == view.buffer.byte_length else f",{view.byte_offset},{length}"
        return f'["{tag}",{index}{part}]'


_CONTAINER_WRITERS: dict[type, Callable[[Writer, Any], Steps]] = {
    list: Writer._array,
    tuple: Writer._array,
    SparseArray: Writer._sparse_array,
    dict: Writer._object,
    NullObject: Writer._null_object,
    Map: Writer._map,
    Set: Writer._set,
    set: Writer._set,
    frozenset: Writer._set,
    Boxed: Writer._boxed,
    TypedArray: Writer._view,
    DataView: Writer._view,
    bytes: Writer._bytes,
    bytearray: Writer._bytes,
}
