"""The second pass of ``uneval``: write the source, with repeated values hoisted into variables.

Text is built as ropes: nested lists of pieces, joined once at the end. A container that has children is written by a
generator that hands out one child at a time, and a stack of such generators stands in for recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import tzinfo
from typing import Any, TypeAlias

from devalue._pure.contents import items
from devalue._uneval.kinds import Kind, kind_of
from devalue._uneval.leaves import leaf_text, typed_array_elements
from devalue._uneval.literals import key_text, literal, property_text, sparse_array_text, utf16_length
from devalue._uneval.names import fresh_names
from devalue._uneval.source import Source
from devalue._uneval.survey import Survey, array_items, set_items
from devalue.errors import EncodeError
from devalue.types import BigInt, NullObject, TypedArray
from devalue.types.keys import canonical

__all__ = ["write"]

Rope: TypeAlias = "list[str | Rope]"
# A value that is being written; each step asks for another one to be finished first.
Task: TypeAlias = "Generator[Task, None, None]"


def write(root: Any, survey: Survey, naive_tz: tzinfo | None) -> str:
    """The JavaScript source that creates the value."""
    return _Writer(survey, naive_tz).write(root)


class _Writer:
    def __init__(self, survey: Survey, naive_tz: tzinfo | None) -> None:
        self._naive_tz = naive_tz
        self._normal_key = survey.normal_key
        self._custom = survey.custom
        self._stand_ins = survey.stand_ins
        self._fresh_names = fresh_names(survey.words)
        # Names by id; those of primitives by SameValueZero key. No id is a str or bytes, so one table serves both.
        self._names: dict[Any, str] = {key: next(self._fresh_names) for key in survey.repeated}
        self._hoists_primitives = self._name_primitives(survey)
        self._declared: set[Any] = set()
        self._statements: list[Rope] = []
        # Collections whose declaration waits until something needs it (see _declare_collection).
        self._pending: dict[int, Callable[[], None]] = {}
        # With custom sources: what is being written in place, to find cycles that only a variable can close.
        self._inlining: set[int] | None = set() if survey.custom else None
        self._constructing: dict[int, tuple[int, int, int]] = {}

    def _name_primitives(self, survey: Survey) -> bool:
        """Name the primitives whose hoisting makes the source shorter (the formula of devalue 6.0.3)."""
        named = False
        for key, (value, count) in survey.primitives.items():
            if count < 2:
                continue
            name = next(self._fresh_names)  # taken even if it is not used, as in JavaScript
            length = utf16_length(literal(value))
            # Writing it out each time, against a declaration, the names, and the function around them.
            if length * count > length + (count + 1) * len(name) + 40:
                self._names[key] = name
                named = True
        return named

    def write(self, root: Any) -> str:
        result: Rope = []
        _run(self._put(root, result))
        if not self._statements:
            return _joined(result)
        body: Rope = []
        for statement in self._statements:
            body += [statement, ";"]
        return _joined(["(function(){", body, "return ", result, "}())"])

    def _put(self, value: Any, out: Rope) -> Task | None:
        """Append the expression for a value, or return the task that will."""
        kind = kind_of(value)
        if kind is Kind.PRIMITIVE:
            out.append(self._primitive(value) if self._hoists_primitives else literal(value))
            return None
        key = id(value)
        name = self._names.get(key)
        if name is not None:
            if key not in self._declared:
                return self._declare(kind, value, name, out)
            if key in self._pending:
                self._pending[key]()
            out.append(name)
            return None
        if self._inlining is None:
            return self._put_inline(kind, value, out)
        if key not in self._inlining:
            return self._put_guarded(kind, value, out)
        # It is part of a cycle through a custom source, which only a variable can close.
        self._names[key] = next(self._fresh_names)
        return self._put(value, out)

    def _primitive(self, value: Any) -> str:
        if isinstance(value, (str, BigInt)):
            key = self._normal_key(value)
            name = self._names.get(key)
            if name is not None:
                if key not in self._declared:
                    self._declared.add(key)
                    self._statements.append([f"let {name}={literal(value)}"])
                return name
        return literal(value)

    def _put_guarded(self, kind: Kind, value: Any, out: Rope) -> Task:
        """Write in place, unless a cycle back to this value gave it a name meanwhile."""
        assert self._inlining is not None
        key = id(value)
        self._inlining.add(key)
        expression: Rope = []
        task = self._put_inline(kind, value, expression)
        if task is not None:
            yield task
        self._inlining.discard(key)
        out.append(self._names.get(key) or expression)

    # --- declarations ----------------------------------------------------------------------------------------------

    def _declare(self, kind: Kind, value: Any, name: str, out: Rope) -> Task:
        if id(value) in self._custom:
            yield from self._declare_by_expression(kind, value, name)
        elif kind is Kind.OBJECT or kind is Kind.NULL_OBJECT:
            yield from self._declare_object(value, name)
        elif kind is Kind.ARRAY or kind is Kind.SPARSE_ARRAY:
            yield from self._declare_array(value, name)
        elif kind is Kind.MAP or kind is Kind.SET:
            yield from self._declare_collection(kind, value, name)
        else:
            yield from self._declare_by_expression(kind, value, name)
        out.append(name)

    def _declare_object(self, value: dict[str, Any], name: str) -> Task:
        self._declared.add(id(value))
        self._statements.append([f"let {name}={'Object.create(null)' if isinstance(value, NullObject) else '{}'}"])
        for key, child in items(value):
            yield from self._assign(f"{name}{property_text(key)}=", child)

    def _declare_array(self, value: Any, name: str) -> Task:
        self._declared.add(id(value))
        length, there = array_items(value)
        text = sparse_array_text(length) if length > 32 + 2 * len(there) else f"Array({length})"
        self._statements.append([f"let {name}={text}"])
        for index, child in there:
            yield from self._assign(f"{name}[{index}]=", child)

    def _assign(self, target: str, child: Any) -> Task:
        """A statement of its own, which stands after those that its value needs."""
        statement: Rope = [target]
        task = self._put(child, statement)
        if task is not None:
            yield task
        self._statements.append(statement)

    def _declare_collection(self, kind: Kind, value: Any, name: str) -> Task:
        """``let a=new Map([…])`` with every entry before the first that needs the collection, then ``a.set(…)``."""
        key = id(value)
        self._declared.add(key)
        ready: list[Rope] = []
        calls: Rope | None = None

        def initialize() -> None:
            del self._pending[key]
            content = ["([", *_separated(ready), "])"] if ready else []
            self._statements.append([f"let {name}=new {kind.value}", *content])

        self._pending[key] = initialize
        for entry in _entries(kind, value):
            arguments: Rope = []
            yield from self._put_all(entry, arguments)
            if key in self._pending:
                ready.append(["[", arguments, "]"] if kind is Kind.MAP else arguments)
                continue
            if calls is None or self._statements[-1] is not calls:
                calls = [name]
                self._statements.append(calls)
            calls += [".set(" if kind is Kind.MAP else ".add(", arguments, ")"]
        if key in self._pending:
            initialize()

    def _declare_by_expression(self, kind: Kind, value: Any, name: str) -> Task:
        key = id(value)
        self._refuse_endless_construction(value)
        expression: Rope = []
        task = self._put_inline(kind, value, expression)
        if task is not None:
            yield task
        self._constructing.pop(key, None)
        # A custom source may hold the value itself again; then the inner one has declared it.
        if key not in self._declared:
            self._declared.add(key)
            self._statements.append([f"let {name}=", expression])

    def _refuse_endless_construction(self, value: Any) -> None:
        """A custom source that needs its own value, with nothing on the way that was declared or named since."""
        key = id(value)
        progress = (len(self._names), len(self._declared), len(self._inlining or ()))
        if self._constructing.get(key) == progress:
            raise EncodeError(
                "Cannot stringify a cycle of custom values",
                value=value,
                hint="the source that a replacer gives cannot contain its own value: put an object or array between",
            )
        self._constructing[key] = progress

    # --- expressions -----------------------------------------------------------------------------------------------

    def _put_inline(self, kind: Kind, value: Any, out: Rope) -> Task | None:
        """Write a value where it stands."""
        source = self._custom.get(id(value))
        if source is not None:
            return self._put_source(source, out)
        if kind is Kind.OBJECT or kind is Kind.NULL_OBJECT:
            return self._put_object(value, out)
        if kind is Kind.ARRAY or kind is Kind.SPARSE_ARRAY:
            return self._put_array(value, out)
        if kind is Kind.MAP or kind is Kind.SET:
            return self._put_collection(kind, value, out)
        if kind is Kind.BOXED:
            out.append(f"Object({self._primitive(value.value)})")
            return None
        if kind is Kind.TYPED_ARRAY:
            return self._put_typed_array(value, out)
        if kind is Kind.DATA_VIEW:
            return self._put_data_view(value, out)
        if kind is Kind.OTHER:
            stand_in = self._stand_ins[id(value)]
            return self._put_inline(kind_of(stand_in), stand_in, out)
        out.append(leaf_text(kind, value, self._naive_tz))
        return None

    def _put_source(self, source: Source, out: Rope) -> Task:
        out.append(source.texts[0])
        for value, text in zip(source.values, source.texts[1:], strict=True):
            task = self._put(value, out)
            if task is not None:
                yield task
            out.append(text)

    def _put_object(self, value: dict[str, Any], out: Rope) -> Task:
        separator = "{"
        for key, child in items(value):
            out.append(f"{separator}{key_text(key)}:")
            separator = ","
            task = self._put(child, out)
            if task is not None:
                yield task
        if isinstance(value, NullObject):
            out.append(f"{separator}__proto__:null}}")
        else:
            out.append("{}" if separator == "{" else "}")

    def _put_array(self, value: Any, out: Rope) -> Task:
        length, there = array_items(value)
        if len(there) < length and _assigning_is_shorter(length, len(there)):
            yield from self._put_assigned_array(length, there, out)
            return
        out.append("[")
        at = 0
        for index, child in there:
            out.append("," * (index - at))
            at = index
            task = self._put(child, out)
            if task is not None:
                yield task
        # After the last hole stands one more comma: a single comma at the end counts for nothing.
        out.append("," * (length - at - bool(there and there[-1][0] == length - 1)) + "]")

    def _put_assigned_array(self, length: int, there: list[tuple[int, Any]], out: Rope) -> Task:
        out.append(f"Object.assign({sparse_array_text(length)},{{")
        separator = ""
        for index, child in there:
            out.append(f"{separator}{index}:")
            separator = ","
            task = self._put(child, out)
            if task is not None:
                yield task
        out.append("})")

    def _put_collection(self, kind: Kind, value: Any, out: Rope) -> Task:
        is_map = kind is Kind.MAP
        separator = f"new {kind.value}(["
        for entry in _entries(kind, value):
            out.append(f"{separator}[" if is_map else separator)
            separator = ","
            yield from self._put_all(entry, out)
            if is_map:
                out.append("]")
        out.append("])" if separator == "," else f"{separator}])")

    def _put_all(self, values: tuple[Any, ...], out: Rope) -> Task:
        """Several values with commas between."""
        for index, value in enumerate(values):
            if index:
                out.append(",")
            task = self._put(value, out)
            if task is not None:
                yield task

    def _put_typed_array(self, value: TypedArray, out: Rope) -> Task:
        kind, buffer = value.kind, value.buffer
        if buffer.byte_length % value.itemsize:
            # The buffer cannot be listed as elements of this type.
            out.append(f"new {kind}(")
            yield from self._put_all((buffer,), out)
            out.append(f",{value.byte_offset},{value.length})")
            return
        out.append(f"new {kind}(")
        if id(buffer) in self._names:
            yield from self._put_all((buffer,), out)
        else:
            out.append(f"[{typed_array_elements(kind, buffer.view)}]")
        out.append(")")
        if value.byte_length != buffer.byte_length:
            start = value.byte_offset // value.itemsize
            out.append(f".subarray({start},{start + value.length})")

    def _put_data_view(self, value: Any, out: Rope) -> Task:
        out.append("new DataView(")
        if id(value.buffer) in self._names:
            yield from self._put_all((value.buffer,), out)
        else:
            out.append(leaf_text(Kind.ARRAY_BUFFER, value.buffer, None))
        if value.byte_length != value.buffer.byte_length:
            out.append(f",{value.byte_offset},{value.byte_length}")
        out.append(")")


def _assigning_is_shorter(length: int, populated: int) -> bool:
    """Whether ``Object.assign(sparse, {index:value})`` is shorter than a literal with a comma for each hole."""
    assigned = len(sparse_array_text(length)) + 18 + populated * (len(str(length)) + 2)
    return length + 2 > assigned


def _entries(kind: Kind, value: Any) -> Iterator[tuple[Any, ...]]:
    """The arguments of each ``set`` or ``add`` that fills a Map or Set."""
    return (
        iter(list(value._indexed().values())) if kind is Kind.MAP else ((canonical(item),) for item in set_items(value))
    )


def _separated(parts: list[Rope]) -> Rope:
    rope: Rope = []
    for part in parts:
        rope += [",", part] if rope else [part]
    return rope


def _run(task: Task | None) -> None:
    """Run a task and those it asks for, innermost first."""
    stack = [task] if task is not None else []
    while stack:
        needed = next(stack[-1], None)
        if needed is None:
            stack.pop()
        else:
            stack.append(needed)


def _joined(rope: Rope) -> str:
    """The text of a rope, of any nesting."""
    pieces: list[str] = []
    stack: list[Iterator[str | Rope]] = [iter(rope)]
    while stack:
        for part in stack[-1]:
            if isinstance(part, str):
                pieces.append(part)
            else:
                stack.append(iter(part))
                break
        else:
            stack.pop()
    return "".join(pieces)
