"""hypothesis strategies for every value of the devalue format.

What they draw is what JavaScript could have sent: dict keys in JavaScript's order, URLs and Temporal texts in their
serialised form, no unpaired surrogates that Python would hold and UTF-16 would join.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

import devalue
from devalue._rules import MAX_ARRAY_LENGTH, MAX_SAFE_INTEGER, sparse_is_shorter
from devalue.types import (
    URL,
    ArrayBuffer,
    BigInt,
    Boxed,
    DataView,
    Date,
    Map,
    NullObject,
    RegExp,
    Set,
    SparseArray,
    Temporal,
    TypedArray,
    URLSearchParams,
    hole,
    undefined,
)
from devalue.types.binary import TYPED_ARRAYS

Strategy = st.SearchStrategy[Any]

# --- primitives ----------------------------------------------------------------------------------------------------

_TELLING_TEXTS = [
    "",
    "0",
    "-1",
    "<",
    "</script>",
    '"',
    "\\",
    "\u2028",
    "\x00",
    "\x7f",
    "é",
    "漢",
    "🎉",
    "\ud800",
    "\udc00",
    "Date",
]


def strings() -> st.SearchStrategy[str]:
    """Strings of UTF-16: any character, and unpaired surrogates."""
    chars = st.characters(codec=None) | st.sampled_from('<>&"\\\n\t\x00\x1f\u2028\u2029\ud83d\ude00\udfff🎉')
    return st.sampled_from(_TELLING_TEXTS) | st.text(chars, max_size=40).map(_utf16)


def _utf16(text: str) -> str:
    """Surrogates that make a pair are one character, as in a string that came from JavaScript."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def keys() -> st.SearchStrategy[str]:
    """Keys of objects: every string but ``__proto__`` and those with a backslash.

    After one of those JSON.parse of Node 24.19 may read another key wrong: see the end of docs/design.md.
    """
    telling = ["a", "b", "id", "constructor", "toString", "0", "1", "10", "01", "-1", "4294967295", "a b"]
    return st.sampled_from(telling) | strings().filter(lambda key: key != "__proto__" and "\\" not in key)


def numbers() -> st.SearchStrategy[int | float]:
    """JavaScript's numbers as ``parse`` gives them: an int where it is a safe integer, else a float."""
    telling = [
        0,
        -0.0,
        1,
        -1,
        math.nan,
        math.inf,
        -math.inf,
        0.1,
        1e-7,
        1e21,
        1e22,
        5e-324,
        2.0**53,
        2.0**63,
        2**53 - 1,
    ]
    integers = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    decimals = st.builds(lambda digits, exponent: digits * 10.0**exponent, integers, st.integers(-30, 30))
    return st.sampled_from(telling) | integers | (st.floats() | decimals).map(_as_parsed)


def _as_parsed(number: float) -> int | float:
    if math.isfinite(number) and number.is_integer() and abs(number) <= MAX_SAFE_INTEGER:
        return int(number) if number or math.copysign(1, number) > 0 else number
    return number


def bigints() -> st.SearchStrategy[BigInt]:
    """BigInts of any sign, up to some hundred digits."""
    return (st.integers() | st.integers(-(2**1100), 2**1100)).map(BigInt)


def primitives() -> Strategy:
    """undefined, None, booleans, numbers, strings, BigInts."""
    return st.sampled_from([undefined, None, True, False]) | numbers() | strings() | bigints()


# --- objects without members ---------------------------------------------------------------------------------------


def boxed() -> st.SearchStrategy[Boxed]:
    return (st.booleans() | numbers() | strings() | bigints()).map(Boxed)


def dates() -> st.SearchStrategy[datetime | Date]:
    """Aware datetimes in UTC, of whole milliseconds; ``Date`` where the year is not one of 1 to 9999, or none."""
    return st.datetimes().map(_whole_milliseconds) | _far_dates()


def _whole_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC, fold=0)


def _far_dates() -> st.SearchStrategy[Date]:
    before = st.integers(-8_640_000_000_000_000, -62_135_596_800_001)
    after = st.integers(253_402_300_800_000, 8_640_000_000_000_000)
    return st.one_of(before, after, st.just(math.nan)).map(Date)


def regexps() -> st.SearchStrategy[RegExp]:
    """Regular expressions that JavaScript compiles with any of the flags."""
    telling = [
        "",
        "a+",
        "/",
        r"\/",
        "[/]",
        "\n",
        r"\n",
        "\u2028",
        "^$",
        r"\d+",
        "(?<year>x)",
        "(?:a|b)",
        '"',
        "<",
        "é",
        "🎉",
        "a{2,3}",
    ]
    pieces = st.lists(st.sampled_from([*telling, " ", "x", r"\\", r"\u0041"]), max_size=4).map("".join)
    flags = st.sets(st.sampled_from("dgimsy")).map("".join)
    return st.builds(RegExp, pieces.filter(lambda source: source.count("(?<year>") < 2), flags | flags.map("u".__add__))


def urls() -> st.SearchStrategy[URL]:
    """URLs in their serialised form."""
    safe = st.text("abcXYZ019-_~", min_size=1, max_size=8)
    host = st.lists(st.text("abcxyz", min_size=1, max_size=8), min_size=1, max_size=3).map(".".join)
    port = st.just("") | st.integers(1024, 65535).map(":{}".format)
    path = st.lists(safe | st.sampled_from(["%20", "a.b", "%C3%A9"]), max_size=3).map("/".join)
    query = st.just("") | st.builds("?{}={}".format, safe, safe | st.just("%3C"))
    fragment = st.just("") | safe.map("#".__add__)
    web = st.builds("{}://{}{}/{}{}{}".format, st.sampled_from(["http", "https"]), host, port, path, query, fragment)
    return (web | st.sampled_from(["mailto:a@b.c", "file:///a/b", "data:text/plain,x", "about:blank"])).map(URL)


def search_params() -> st.SearchStrategy[URLSearchParams]:
    text = st.text(st.characters(codec="utf-8") | st.sampled_from(" +&=%~*-._"), max_size=8)
    return st.lists(st.tuples(text, text), max_size=4).map(URLSearchParams)


# --- binary data ---------------------------------------------------------------------------------------------------


def array_buffers(max_size: int = 40) -> st.SearchStrategy[ArrayBuffer]:
    return st.binary(max_size=max_size).map(ArrayBuffer)


def typed_arrays(buffers: st.SearchStrategy[ArrayBuffer] | None = None) -> st.SearchStrategy[TypedArray]:
    """Typed arrays of all twelve kinds: of a whole buffer or of a part, over the given buffers or their own."""
    return (array_buffers() if buffers is None else buffers).flatmap(_typed_arrays_over)


def _typed_arrays_over(buffer: ArrayBuffer) -> st.SearchStrategy[TypedArray]:
    return st.sampled_from(sorted(TYPED_ARRAYS)).flatmap(lambda kind: _windows(kind, buffer))


def _windows(kind: str, buffer: ArrayBuffer) -> st.SearchStrategy[TypedArray]:
    size = TYPED_ARRAYS[kind][1]
    room = len(buffer) // size
    start = st.integers(0, room)
    window = start.flatmap(lambda first: st.tuples(st.just(first * size), st.integers(0, room - first)))
    part = window.map(lambda at: TypedArray(kind, buffer, at[0], at[1]))
    return part if len(buffer) % size else st.just(TypedArray(kind, buffer)) | part


def data_views(buffers: st.SearchStrategy[ArrayBuffer] | None = None) -> st.SearchStrategy[DataView]:
    """DataViews of a whole buffer or of a part, over the given buffers or their own."""
    return (array_buffers() if buffers is None else buffers).flatmap(_data_views_over)


def _data_views_over(buffer: ArrayBuffer) -> st.SearchStrategy[DataView]:
    start = st.integers(0, len(buffer))
    window = start.flatmap(lambda first: st.tuples(st.just(first), st.integers(0, len(buffer) - first)))
    return st.just(DataView(buffer)) | window.map(lambda at: DataView(buffer, at[0], at[1]))


# --- Temporal ------------------------------------------------------------------------------------------------------


def temporals() -> st.SearchStrategy[Temporal]:
    """The eight Temporal kinds, with texts as Temporal's toString writes them."""
    day = st.dates().map(str)
    far_day = st.builds(
        "{}-{:02}-{:02}".format, st.sampled_from(["-000044", "+012345"]), st.integers(1, 12), st.integers(1, 28)
    )
    date = day | far_day
    time = st.builds(_clock, st.integers(0, 86_399), st.integers(0, 999_999_999) | st.sampled_from([0, 500_000_000]))
    moment = st.builds("{}T{}".format, date, time)
    zone = st.sampled_from(["+00:00[UTC]", "+05:30[+05:30]", "-03:00[-03:00]"])
    texts: dict[str, st.SearchStrategy[str]] = {
        "Instant": moment.map("{}Z".format),
        "ZonedDateTime": st.builds("{}{}".format, moment, zone),
        "PlainDateTime": moment,
        "PlainDate": date,
        "PlainTime": time,
        "PlainYearMonth": date.map(lambda text: text[:-3]),
        "PlainMonthDay": day.map(lambda text: text[-5:]),
        "Duration": _durations(),
    }
    return _evenly(*(st.builds(Temporal, st.just(kind), text) for kind, text in texts.items()))


def _clock(seconds: int, nanoseconds: int) -> str:
    fraction = f".{nanoseconds:09}".rstrip("0").rstrip(".")
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _durations() -> st.SearchStrategy[str]:
    count = st.integers(0, 100)
    seconds = st.sampled_from(["0", "1", "59", "1.5", "0.000000001", "12.345"])
    return st.builds(_duration, st.booleans(), st.tuples(count, count, count, count), st.tuples(count, count), seconds)


def _duration(negative: bool, date: tuple[int, ...], clock: tuple[int, int], seconds: str) -> str:
    days = "".join(f"{count}{unit}" for count, unit in zip(date, "YMWD", strict=True) if count)
    time = "".join(f"{count}{unit}" for count, unit in zip(clock, "HM", strict=True) if count)
    time += f"{seconds}S" if seconds != "0" else ""
    if not (days or time):
        return "PT0S"
    return f"{'-' * negative}P{days}{'T' * bool(time)}{time}"


def leaves() -> Strategy:
    """Every value that holds no other, binary data included."""
    plain = primitives()
    binary = [array_buffers(), typed_arrays(), data_views()]
    return _evenly(
        plain, plain, plain, plain, boxed(), dates(), regexps(), urls(), search_params(), temporals(), *binary
    )


def _evenly(*strategies: Strategy) -> Strategy:
    """One of these, each as often as it is named here; ``one_of`` would count the alternatives inside each."""
    return st.sampled_from(strategies).flatmap(lambda strategy: strategy)


# --- containers ----------------------------------------------------------------------------------------------------


def arrays(items: Strategy, max_size: int = 6) -> st.SearchStrategy[list[Any]]:
    """Lists, with a few holes too."""
    return st.lists(items | st.just(hole), max_size=max_size).map(_dense)


def _dense(items: list[Any]) -> list[Any]:
    """With so many holes that JavaScript would write it sparse, an array is no list: fill them."""
    populated = sum(item is not hole for item in items)
    if populated < len(items) and sparse_is_shorter(len(items), populated):
        return [undefined if item is hole else item for item in items]
    return items


def sparse_arrays(items: Strategy, max_size: int = 4) -> st.SearchStrategy[SparseArray]:
    """SparseArrays of any length that JavaScript writes as sparse."""
    return st.lists(items, max_size=max_size).flatmap(_sparse)


def _sparse(items: list[Any]) -> st.SearchStrategy[SparseArray]:
    shortest = next(length for length in range(1, 10_000) if sparse_is_shorter(length, len(items)))
    lengths = st.sampled_from([10_000, MAX_ARRAY_LENGTH]) | st.integers(shortest, shortest + 100)
    # Not every length from the shortest on: with one more digit the sparse form may be the longer one again.
    written_sparse = lengths.filter(lambda length: sparse_is_shorter(length, len(items)))
    return written_sparse.flatmap(lambda length: _sparse_of(length, items))


def _sparse_of(length: int, items: list[Any]) -> st.SearchStrategy[SparseArray]:
    indices = st.lists(st.integers(0, length - 1), min_size=len(items), max_size=len(items), unique=True).map(sorted)
    return indices.map(lambda at: SparseArray(length, dict(zip(at, items, strict=True))))


def objects(items: Strategy, max_size: int = 6) -> st.SearchStrategy[dict[str, Any]]:
    """Dicts, their keys in JavaScript's order."""
    return st.dictionaries(keys(), items, max_size=max_size).map(_in_javascript_order)


def null_objects(items: Strategy, max_size: int = 6) -> st.SearchStrategy[NullObject]:
    return objects(items, max_size).map(NullObject)


def _in_javascript_order(mapping: dict[str, Any]) -> dict[str, Any]:
    """Array indices first, ascending, then as they came (ECMAScript 10.1.11.1, OrdinaryOwnPropertyKeys)."""
    indices = sorted((key for key in mapping if _is_array_index(key)), key=int)
    return {key: mapping[key] for key in dict.fromkeys([*indices, *mapping])}


def _is_array_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= 10 and str(int(key)) == key and int(key) < MAX_ARRAY_LENGTH


def maps(map_keys: Strategy, items: Strategy, max_size: int = 5) -> st.SearchStrategy[Map[Any, Any]]:
    return st.lists(st.tuples(map_keys, items), max_size=max_size).map(Map)


def sets(items: Strategy, max_size: int = 6) -> st.SearchStrategy[Set[Any]]:
    return st.lists(items, max_size=max_size).map(Set)


# --- graphs --------------------------------------------------------------------------------------------------------

_EMPTY: dict[str, Callable[[], Any]] = {
    "array": list,
    "object": dict,
    "null object": NullObject,
    "map": Map,
    "set": Set,
    "sparse array": SparseArray,
}


def graphs(leaf: Strategy | None = None, max_containers: int = 8) -> Strategy:
    """One container of any kind that holds others and leaves, with shared references and cycles."""
    return _graphs(leaves() if leaf is None else leaf, max_containers)


@st.composite
def _graphs(draw: st.DrawFn, leaf: Strategy, max_containers: int) -> Any:
    kinds = draw(st.lists(st.sampled_from(sorted(_EMPTY)), min_size=1, max_size=max_containers))
    containers = [_EMPTY[kind]() for kind in kinds]
    shared = draw(st.lists(leaf, max_size=3))
    buffer = draw(st.none() | array_buffers())
    if buffer is not None:
        shared += [
            buffer,
            draw(_typed_arrays_over(buffer)),
            draw(_typed_arrays_over(buffer) | _data_views_over(buffer)),
        ]
    # Each container has a place in an earlier one, so that all are part of the graph.
    members: list[list[Any]] = [[] for _ in containers]
    for position in range(1, len(containers)):
        members[draw(st.integers(0, position - 1))].append(containers[position])
    item = _evenly(leaf, leaf, st.sampled_from([*containers, *shared]))
    for kind, container, own in zip(kinds, containers, members, strict=True):
        own += draw(st.lists(item, max_size=4))
        _FILL[kind](draw, container, own, item)
    return containers[0]


def _fill_array(draw: st.DrawFn, array: list[Any], members: list[Any], item: Strategy) -> None:
    array += _dense(draw(st.permutations([*members, *draw(st.lists(st.just(hole), max_size=2))])))


def _fill_object(draw: st.DrawFn, target: dict[str, Any], members: list[Any], item: Strategy) -> None:
    names = draw(st.lists(keys(), min_size=len(members), max_size=len(members), unique=True))
    target.update(_in_javascript_order(dict(zip(names, members, strict=True))))


def _fill_map(draw: st.DrawFn, target: Map[Any, Any], members: list[Any], item: Strategy) -> None:
    for member in members:
        if draw(st.booleans()):
            target[member] = draw(item)
        else:
            target[draw(item)] = member


def _fill_set(draw: st.DrawFn, target: Set[Any], members: list[Any], item: Strategy) -> None:
    for member in members:
        target.add(member)


def _fill_sparse(draw: st.DrawFn, target: SparseArray, members: list[Any], item: Strategy) -> None:
    filled = draw(_sparse(members))
    target.length = filled.length
    for index, member in filled.items():
        target[index] = member


_FILL: dict[str, Callable[[st.DrawFn, Any, list[Any], Strategy], None]] = {
    "array": _fill_array,
    "object": _fill_object,
    "null object": _fill_object,
    "map": _fill_map,
    "set": _fill_set,
    "sparse array": _fill_sparse,
}


def values() -> Strategy:
    """Any value as ``parse`` gives it: ``same(parse(stringify(value)), value)``."""
    graph = graphs()
    return _evenly(leaves(), graph, graph, graph)


# --- what is read back as another type -----------------------------------------------------------------------------


def encodable() -> Strategy:
    """Any value that ``stringify`` takes: ``values()``, and types of Python that are read back as others.

    Those are tuple, set, frozenset, bytes, bytearray, memoryview, floats that are integers, and datetimes of other
    time zones and with microseconds.
    """
    zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)
    binary = st.binary(max_size=20)
    others = [
        st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER).map(float),
        moments,
        binary,
        binary.map(bytearray),
        binary.map(lambda data: memoryview(data)),
        st.sets(strings() | bigints(), max_size=4),
        st.frozensets(numbers(), max_size=4),
    ]
    leaf = _evenly(leaves(), _evenly(*others))
    tuples = st.lists(leaf, max_size=4).map(tuple)
    graph = graphs(_evenly(leaf, leaf, tuples))
    return _evenly(leaf, tuples, graph, graph)


def wires() -> st.SearchStrategy[str]:
    """Texts as JavaScript writes them: ``stringify(parse(text)) == text``."""
    return values().map(_text)


def _text(value: Any) -> str:
    return devalue.stringify(value)
