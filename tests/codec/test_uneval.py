"""``uneval`` writes what JavaScript's ``uneval`` writes, and what it writes evaluates to the value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from devalue import (
    URL,
    BigInt,
    Boxed,
    EncodeError,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    URLSearchParams,
    hole,
    parse,
    stringify,
    undefined,
)
from devalue._uneval import MAX_DEPTH
from devalue.testing import values
from tests.codec.cases.js_values import CASES, CYCLES_FROM_CUSTOM, GROUPS
from tests.codec.conftest import Codec
from tests.node.describe import Custom, revivers
from tests.node.oracle import JsError, Oracle

JS_REPLACER = "(value, js) => value instanceof Custom ? js`new Custom(${value.name},${value.payload})` : undefined"


Uneval: TypeAlias = Callable[..., str]


@pytest.fixture(scope="session")
def uneval(codec: Codec) -> Uneval:
    """Both implementations."""
    return codec.uneval


def replace_custom(value: Any, uneval: Callable[[Any], str]) -> str | None:
    if isinstance(value, Custom):
        return f"new Custom({uneval(value.name)},{uneval(value.payload)})"
    return None


def test_every_case_has_the_text_of_javascript(oracle: Oracle, uneval: Uneval) -> None:
    # JavaScript's uneval recurses, and sometimes fails at the depths of that group.
    sources = [*(source for source in CASES if source not in GROUPS["depth"]), *CYCLES_FROM_CUSTOM]
    hooks = {"reducers": 'reducers("C","D")', "revivers": 'revivers("C","D")', "replacer": JS_REPLACER}
    texts = oracle.run({"op": "stringify", "source": source, **hooks} for source in sources)
    expected = oracle.run({"op": "uneval", "source": source, **hooks} for source in sources)
    assert not any(isinstance(text, JsError) for text in expected)
    for source, text, wanted in zip(sources, texts, expected, strict=True):
        value = parse(text, revivers=revivers("C", "D"))
        assert uneval(value, replacer=replace_custom) == wanted, source


LONG = "x" * 128

# Texts of values in which something repeats, has holes, or is large: what decides on variables.
SHARED = {
    "an object twice": '[{"x":1,"y":1},{"v":2},1]',
    "an object in itself": '[{"self":0}]',
    "two objects in each other": '[[1,2],{"b":2},{"a":1}]',
    "an array in itself": "[[0,-2,0]]",
    "a null-prototype object twice": '[[1,1],["null","a",2],3]',
    "a date, a url and a regexp twice": '[[1,2,3,1,2,3],["Date",""],["URL","https://a.b/"],["RegExp","a","g"]]',
    "a boxed string twice": '[[1,1],["Object",2],"x"]',
    "a map before it is needed": '[[1,1],["Map",2,3,4,5],"k",1,"l",2]',
    "a map in itself, first": '[["Map",0,1,2,3],"a","b","c"]',
    "a map in itself, in the middle": '[["Map",1,2,3,0,4,5,6,0,7,8],"a",1,"b","c","d","e","f","g"]',
    "a map that is its own key and value": '[["Map",0,0]]',
    "a set in itself": '[["Set",1,0,2],"a","b"]',
    "a map and a set in each other": '[[1,4],["Map",2,4,3,4],"a","b",["Set",1,2]]',
    "calls with declarations between": '[["Map",1,0,2,3,4,3],"a","b",{"s":0},"c"]',
    "an empty map twice": '[[1,1],["Map"]]',
    "a long string twice": f'[[1,1],"{LONG}"]',
    "a string of 127 twice": f'[[1,1],"{LONG[1:]}"]',
    "a string of 64 astral characters twice": f'[[1,1],"{"😀" * 64}"]',
    "a long string as a key": f'[[1,1],{{"{LONG}":2}},"{LONG}"]',
    "a boxed long string and the string": f'[[1,2],["Object",2],"{LONG}"]',
    "a bigint 30 times": f'[[{",".join("1" * 30)}],["BigInt","12345678901234567890"]]',
    "a bigint twice": '[[1,1],["BigInt","5"]]',
    "a bigint of 60 digits twice": f'[[1,1],["BigInt","{"9" * 60}"]]',
    "names are taken that are not used": f'[[1,1,2,2],["BigInt","5"],"{LONG}"]',
    "a sparse array twice": '[[1,1],[-7,4294967295,7,2],"a"]',
    "a sparse array of 34, one there, twice": f'[[1,1],[{"-2," * 33}2],"a"]',
    "a sparse array of 35, one there, twice": f'[[1,1],[{"-2," * 34}2],"a"]',
    "views of one buffer": '[[1,3,4],["Int8Array",2],["ArrayBuffer","AQID"],["DataView",2,1,2],["Int8Array",2,1,2]]',
    "a buffer beside its view": '[[1,2],["Float64Array",2],["ArrayBuffer","AAAAAAAAAIA="]]',
    "a view twice": '[[1,1],["Uint8Array",2],["ArrayBuffer","AQ=="]]',
    "a view that a buffer does not fit": '[["Int16Array",1,0,1],["ArrayBuffer","AQID"]]',
    "bigint elements": '[["BigInt64Array",1],["ArrayBuffer","/////////38="]]',
}


# Either side of each length at which the form changes.
LENGTHS = {
    **{f"a bigint of {digits} digits twice": f'[[1,1],["BigInt","{"9" * digits}"]]' for digits in range(40, 47)},
    **{f"a sparse array of {length}": f"[[-7,{length},7,1],1]" for length in range(90, 140)},
    **{f"a sparse array of {length}, empty": f"[[-7,{length}]]" for length in range(90, 140)},
}
SHARED.update(LENGTHS)


@pytest.mark.parametrize("text", SHARED.values(), ids=SHARED)
def test_variables_are_those_of_javascript(oracle: Oracle, text: str, uneval: Uneval) -> None:
    source = uneval(parse(text))
    assert source == oracle.call("uneval_text", text=text)
    assert oracle.evaluate(source) == oracle.rewrite(text)


def test_names_are_those_of_javascript_beyond_two_letters_and_past_reserved_words(
    oracle: Oracle, uneval: Uneval
) -> None:
    objects = [{"n": number} for number in range(3100)]
    text = stringify([*objects, *objects])
    assert uneval(parse(text)) == oracle.call("uneval_text", text=text)


@settings(max_examples=300)
@given(value=values())
def test_any_value_has_the_text_of_javascript_and_evaluates_to_itself(
    oracle: Oracle, value: Any, uneval: Uneval
) -> None:
    text = stringify(value)
    assume(oracle.rewrite(text) == text)  # JavaScript sorts keys that are array indices
    source = uneval(value)
    assert source == oracle.call("uneval_text", text=text)
    assert uneval(parse(oracle.evaluate(source))) == source


PYTHON_VALUES = {
    "tuples and Python's sets": ((1, ()), {2}, frozenset()),
    "bytes and memory": [b"\x01\x02", bytearray(b"\xff"), memoryview(b"ab")],
    "aware datetimes": [datetime(2024, 1, 2, 3, 4, 5, 678_999, UTC), datetime(1, 1, 1, tzinfo=timezone(timedelta(0)))],
    "shared singletons": [(), (), b"", b"", b"a", b"a", frozenset(), frozenset()],
}


@pytest.mark.parametrize("value", PYTHON_VALUES.values(), ids=PYTHON_VALUES)
def test_types_of_python_evaluate_to_what_stringify_writes(oracle: Oracle, value: Any, uneval: Uneval) -> None:
    assert oracle.evaluate(uneval(value)) == stringify(value)


def test_naive_datetimes_need_a_time_zone(uneval: Uneval) -> None:
    moment = datetime(2024, 1, 1)
    with pytest.raises(EncodeError, match="naive"):
        uneval(moment)
    assert uneval(moment, naive_tz=UTC) == "new Date(1704067200000)"


HOSTILE = "</script><!--\u2028\u2029\"'\\\0\r\n\ud800"


def test_the_text_can_stand_in_a_script_element(oracle: Oracle, uneval: Uneval) -> None:
    value = [
        HOSTILE,
        {HOSTILE: Boxed(HOSTILE)},
        RegExp("<\u2028"),
        URL("https://a.b/?<script>"),
        URLSearchParams([("<", ">")]),
        HOSTILE * 20,
        HOSTILE * 20,
        NullObject({HOSTILE: 1}),
    ]
    value.append(value[1])
    source = uneval(value)
    assert not set(source) & set("<\u2028\u2029\n\r\0\ud800")
    assert oracle.evaluate(source) == stringify(value)


# --- refusals --------------------------------------------------------------------------------------------------------


def fail(uneval: Uneval, value: Any, **options: Any) -> EncodeError:
    with pytest.raises(EncodeError) as caught:
        uneval(value, **options)
    return caught.value


REFUSED = {
    "(() => {})": lambda: None,
    "({a: [1, () => {}]})": {"a": [1, lambda: None]},
    "({a: {'b-c': new Map([['k', Symbol.iterator && (() => {})]])}})": {"a": {"b-c": Map([("k", print)])}},
    "new Map([[undefined, () => {}]])": Map([(undefined, print)]),
    "new Map([[5n, () => {}]])": Map([(BigInt(5), print)]),
    "new Map([[.5, () => {}]])": Map([(0.5, print)]),
    "new Map([[{}, () => {}]])": Map([(hashable := NullObject(), print)]),
    "[, new Set([new (class X {})])]": [hole, Set([object()])],
    "({a: {b: 1, ['__proto__']: 2}})": {"a": {"b": 1, "__proto__": 2}},
    "({a: Object.assign(Object.create(null), {['__proto__']: 2})})": {"a": NullObject({"__proto__": 2})},
}


@pytest.mark.parametrize(("source", "value"), REFUSED.items(), ids=REFUSED)
def test_what_javascript_refuses_is_refused_with_its_words_and_path(
    oracle: Oracle, source: str, value: Any, uneval: Uneval
) -> None:
    with pytest.raises(JsError) as theirs:
        oracle.uneval(source)
    ours = fail(uneval, value)
    assert (ours.message, ours.path) == (theirs.value.message, theirs.value.path)
    assert ours.root is value


ONLY_PYTHON = {
    "an integer beyond 2**53": ([2**53], "[0]", "BigInt"),
    "a key that is no string": ({"a": {1: 2}}, ".a", "Map"),
    "a hole outside a list": ({"a": hole}, ".a", "undefined"),
    "a bigint without end": ([BigInt(10**10_000)], "[0]", "string"),
    "an object of a class": ({"a": [object()]}, ".a[0]", "dict"),
}


@pytest.mark.parametrize(("value", "path", "hint"), ONLY_PYTHON.values(), ids=ONLY_PYTHON)
def test_what_only_python_has_is_refused_with_a_hint(value: Any, path: str, hint: str, uneval: Uneval) -> None:
    error = fail(uneval, value)
    assert error.path == path
    assert hint in error.hint


def nested(wrap: Callable[[Any], Any], depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


WRAPPERS = {
    "array": lambda inner: [inner],
    "object": lambda inner: {"a": inner},
    "map": lambda inner: Map([("a", inner)]),
    "key of a map": lambda inner: Map([(inner, 1)]),
    "set": lambda inner: Set([inner]),
    "sparse array": lambda inner: SparseArray(1000, {5: inner}),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_the_deepest_value_that_is_taken_can_be_evaluated(
    oracle: Oracle, wrap: Callable[[Any], Any], uneval: Uneval
) -> None:
    oracle.evaluate(uneval(nested(wrap, MAX_DEPTH)))
    error = fail(uneval, nested(wrap, MAX_DEPTH + 1))
    assert "max_depth" in error.hint


def test_no_depth_ends_the_stack_of_python(uneval: Uneval) -> None:
    assert uneval(nested(WRAPPERS["array"], 30_000), max_depth=None).startswith("[[[")
    looped = nested(WRAPPERS["object"], 30_000)
    looped["back"] = looped
    assert uneval(looped, max_depth=None).endswith("return a}())")


# --- replacers -------------------------------------------------------------------------------------------------------


def test_a_replacer_is_asked_once_for_each_object_and_never_for_primitives(uneval: Uneval) -> None:
    asked: list[Any] = []
    shared = {"a": "text", "b": BigInt(1)}
    value = [shared, shared, None, undefined, True, 1.5, Boxed("x")]
    uneval(value, replacer=lambda value, uneval: asked.append(value))
    assert list(map(id, asked)) == [id(value), id(shared), id(value[-1])]


REPLACED: dict[str, tuple[str, str, Callable[[Any, Callable[[Any], str]], str | None]]] = {
    "without values": ("[new Custom]", "js`x`", lambda value, uneval: "x"),
    "with a value": ("[new Custom]", "js`f(${1})`", lambda value, uneval: f"f({uneval(1)})"),
    "values side by side": ("[new Custom]", "js`${1}${'a'}`", lambda value, uneval: uneval(1) + uneval("a")),
    "words in the source are no names": (
        "(c => [c, c])(new Custom)",
        r"js`a(b, 'c d', /* e */ \\u0066)`",
        lambda value, uneval: "a(b, 'c d', /* e */ \\u0066)",
    ),
}


@pytest.mark.parametrize(("source", "template", "replace"), REPLACED.values(), ids=REPLACED)
def test_a_replaced_value_is_written_as_in_javascript(
    oracle: Oracle, source: str, template: str, replace: Callable[..., str | None], uneval: Uneval
) -> None:
    custom = Custom("", None)
    value = [custom, custom] if "c, c" in source else [custom]
    expected = oracle.uneval(source, replacer=f"(value, js) => value instanceof Custom ? {template} : undefined")
    replacer = lambda value, uneval: replace(value, uneval) if isinstance(value, Custom) else None  # noqa: E731
    assert uneval(value, replacer=replacer) == expected


@pytest.mark.parametrize("result", ["", 1, b"x", [], 0.0, True])
def test_a_replacer_that_returns_no_source_is_an_error(result: Any, uneval: Uneval) -> None:
    error = fail(uneval, [{}], replacer=lambda value, uneval: result)
    assert error.message == "Invalid uneval replacer result"


def test_a_hole_that_a_replacer_cut_is_an_error(uneval: Uneval) -> None:
    assert "as it is" in fail(uneval, [1], replacer=lambda value, uneval: uneval(1)[:-1]).hint


def test_text_from_outside_cannot_pass_for_a_hole(uneval: Uneval) -> None:
    text = "\0" + "0" * 16 + ":0\0"
    assert uneval([1], replacer=lambda value, uneval: text) == text


def test_a_source_that_needs_its_own_value_is_an_error_and_not_endless(uneval: Uneval) -> None:
    custom = Custom("", None)
    custom.payload = custom
    assert "cycle" in fail(uneval, [custom], replacer=replace_custom).message


def test_an_exception_of_a_replacer_passes_through(uneval: Uneval) -> None:
    def replacer(value: Any, uneval: Any) -> str:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        uneval([1], replacer=replacer)


# A graph as lists of edges: what kind each node is, and which nodes (or primitives) it holds.
KINDS: dict[str, tuple[Callable[[], Any], str]] = {
    "custom": (lambda: Custom("", []), 'new Custom("",[])'),
    "array": (list, "[]"),
    "object": (dict, "{}"),
    "map": (Map, "new Map"),
    "set": (Set, "new Set"),
}
NODES = st.lists(
    st.tuples(st.sampled_from(list(KINDS)), st.lists(st.integers(0, 9), max_size=4)), min_size=1, max_size=6
)


def build(nodes: list[tuple[str, list[int]]]) -> tuple[Any, str]:
    """The graph in Python, and JavaScript source that makes it."""
    made = [KINDS[kind][0]() for kind, _ in nodes]
    lines = [f"const v{index}={KINDS[kind][1]};" for index, (kind, _) in enumerate(nodes)]
    for index, (kind, edges) in enumerate(nodes):
        for number, edge in enumerate(edges):
            target, source = (made[edge], f"v{edge}") if edge < len(nodes) else (LONG, f'"{LONG}"')
            if kind == "custom":
                made[index].payload = [target]
                lines.append(f"v{index}.payload=[{source}];")
            elif kind == "array":
                made[index].append(target)
                lines.append(f"v{index}.push({source});")
            elif kind == "object":
                made[index][f"k{number}"] = target
                lines.append(f"v{index}.k{number}={source};")
            elif kind == "map":
                made[index][target] = made[index]
                lines.append(f"v{index}.set({source},v{index});")
            else:
                made[index].add(target)
                lines.append(f"v{index}.add({source});")
    return made[0], f"(() => {{{''.join(lines)}return v0}})()"


@settings(max_examples=300)
@given(nodes=NODES)
def test_graphs_through_custom_sources_are_written_as_in_javascript(oracle: Oracle, nodes: Any, uneval: Uneval) -> None:
    value, source = build(nodes)
    replacer = "(value, js) => value instanceof Custom && value.payload.length && js`b(${value.payload[0]})` || null"
    try:
        expected = oracle.uneval(source, replacer=replacer)
    except JsError as error:
        expected = error.name

    def replace(value: Any, uneval: Callable[[Any], str]) -> str | None:
        return f"b({uneval(value.payload[0])})" if isinstance(value, Custom) and value.payload else None

    if expected in ("RangeError", "DevalueError"):
        fail(uneval, value, replacer=replace)
    else:
        assert uneval(value, replacer=replace) == expected
