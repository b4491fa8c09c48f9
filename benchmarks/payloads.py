"""The values that the benchmarks read and write: made from one seed, the same for Python and JavaScript.

Python makes each value and writes it as devalue text; JavaScript gets its value by parsing that text. Peers that
know JSON only get `plain` of it: dates as texts, Maps as pairs, Sets as lists.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from devalue import BigInt, Map, Set

__all__ = ["PAYLOADS", "SMALL", "make", "plain"]

SEED = 20_261_123
CORPUS = Path(__file__).parent / "node" / "node_modules" / "simdjson" / "jsonexamples"
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = [
    *(
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliett",
        "kilo",
        "lima",
        "mike",
        "november",
        "oscar",
        "papa",
        "quebec",
    ),
    *(
        "romeo",
        "sierra",
        "tango",
        "uniform",
        "victor",
        "whiskey",
        "xray",
        "yankee",
        "zulu",
        "order",
        "invoice",
        "customer",
        "payment",
        "status",
        "shipped",
    ),
]
UNICODE = "naïve café Größe señor Москва 東京 서울 😀 العربية — “quoted”"


def session(rnd: random.Random) -> Any:
    """What Astro keeps for a visitor: about 2 KB, the case that matters most."""
    cart = [
        {
            "sku": f"SKU-{rnd.randrange(10**6):06}",
            "title": sentence(rnd, 5),
            "quantity": rnd.randrange(1, 9),
            "price": price(rnd),
        }
        for _ in range(8)
    ]
    content = {
        "user": {
            "id": rnd.randrange(10**6),
            "name": "Ada Lovelace",
            "email": "ada@example.org",
            "roles": ["buyer", "editor"],
        },
        "cart": cart,
        "seen": moment(rnd),
        "theme": "dark",
        "visits": 42,
        "csrf": str(UUID(int=rnd.getrandbits(128))),
        "recent": Set(f"/products/{rnd.choice(WORDS)}" for _ in range(6)),
        "flash": None,
    }
    return Map((key, {"data": data, "expires": 1_795_420_760_086}) for key, data in content.items())


def api(rnd: random.Random) -> Any:
    """An answer of an API: nested objects, dates, some sharing."""
    teams = [{"id": index, "name": sentence(rnd, 2), "founded": moment(rnd)} for index in range(12)]
    return {
        "page": 1,
        "total": 5_312,
        "users": [user(rnd, index, teams) for index in range(200)],
        "facets": Map((word, rnd.randrange(1000)) for word in WORDS),
    }


def user(rnd: random.Random, index: int, teams: list[Any]) -> dict[str, Any]:
    return {
        "id": index,
        "guid": str(UUID(int=rnd.getrandbits(128))),
        "name": sentence(rnd, 2),
        "bio": sentence(rnd, 14),
        "active": rnd.random() < 0.7,
        "balance": price(rnd),
        "created": moment(rnd),
        "team": rnd.choice(teams),
        "tags": rnd.sample(WORDS, 4),
        "address": {
            "city": rnd.choice(WORDS).title(),
            "zip": f"{rnd.randrange(10**5):05}",
            "geo": [price(rnd), price(rnd)],
        },
    }


def records(count: int) -> Callable[[random.Random], Any]:
    def rows(rnd: random.Random) -> Any:
        return [
            {
                "id": index,
                "uuid": str(UUID(int=rnd.getrandbits(128))),
                "name": sentence(rnd, 3),
                "email": f"{rnd.choice(WORDS)}.{index}@example.org",
                "amount": price(rnd),
                "count": rnd.randrange(10**6),
                "when": moment(rnd),
                "status": rnd.choice(WORDS),
                "flags": [rnd.random() < 0.5, None, rnd.randrange(100)],
                "note": sentence(rnd, 8),
            }
            for index in range(count)
        ]

    return rows


def strings_ascii(rnd: random.Random) -> Any:
    return [sentence(rnd, 12) + f" {index}" for index in range(10_000)]


def strings_unicode(rnd: random.Random) -> Any:
    return [" ".join(rnd.choices(UNICODE.split(), k=6)) + f" {index}" for index in range(10_000)]


def floats(rnd: random.Random) -> Any:
    return [rnd.uniform(-1, 1) * 10 ** rnd.randrange(-8, 8) for _ in range(100_000)]


def ints(rnd: random.Random) -> Any:
    return [rnd.randrange(-(10**9), 10**9) for _ in range(100_000)]


def deep(_: random.Random) -> Any:
    value: Any = {"leaf": True}
    for _ in range(499):
        value = {"next": value}
    return value


def graph(rnd: random.Random) -> Any:
    """A cyclic graph: every node knows some earlier ones, its group, and through it all others."""
    groups: list[dict[str, Any]] = [{"name": f"group {index}", "members": []} for index in range(100)]
    nodes: list[dict[str, Any]] = []
    for index in range(20_000):
        group = rnd.choice(groups)
        node = {"id": index, "label": f"node {index}", "edges": rnd.sample(nodes, min(4, index)), "group": group}
        group["members"].append(node)
        nodes.append(node)
    return {"groups": groups, "nodes": nodes}


def wide_map(rnd: random.Random) -> Any:
    return Map((f"key-{index}-{rnd.randrange(10**6)}", index) for index in range(50_000))


def wide_set(rnd: random.Random) -> Any:
    return Set(f"item-{index}-{rnd.randrange(10**6)}" for index in range(50_000))


def dates(rnd: random.Random) -> Any:
    return [moment(rnd) for _ in range(20_000)]


def bools(rnd: random.Random) -> Any:
    return [[rnd.random() < 0.5 for _ in range(10)] for _ in range(10_000)]


def corpus(name: str) -> Callable[[random.Random], Any]:
    """One of the well-known JSON files; the npm package simdjson carries them."""

    def load(_: random.Random) -> Any:
        file = CORPUS / name
        if not file.exists():
            raise FileNotFoundError(f"{file.name} is missing: `make bench` installs it (npm ci in benchmarks/node)")
        return json.loads(file.read_bytes(), parse_int=javascript_integer)

    return load


def javascript_integer(digits: str) -> int | float:
    """Tweets have ids that no double holds; JavaScript rounds them."""
    value = int(digits)
    return value if abs(value) < 2**53 else float(value)


PAYLOADS: dict[str, Callable[[random.Random], Any]] = {
    "session": session,
    "api": api,
    "records": records(20_000),
    "strings ascii": strings_ascii,
    "strings unicode": strings_unicode,
    "floats": floats,
    "ints": ints,
    "deep": deep,
    "graph": graph,
    "map": wide_map,
    "set": wide_set,
    "dates": dates,
    "bools": bools,
    "twitter": corpus("twitter.json"),
    "citm": corpus("citm_catalog.json"),
    "canada": corpus("canada.json"),
    "github": corpus("github_events.json"),
    "records 90 MB": records(240_000),
}
SMALL = [name for name in PAYLOADS if name != "records 90 MB"]


def make(name: str) -> Any:
    """The payload of that name; the same for every call, process and machine."""
    return PAYLOADS[name](random.Random(f"{SEED} {name}"))


def sentence(rnd: random.Random, words: int) -> str:
    return " ".join(rnd.choices(WORDS, k=words))


def price(rnd: random.Random) -> float:
    return round(rnd.uniform(1, 2000), 2)


def moment(rnd: random.Random) -> datetime:
    return EPOCH + timedelta(milliseconds=rnd.randrange(10**11))


def plain(value: Any) -> Any:
    """The same as JSON has it; a value that holds itself has no such form (RecursionError)."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Map):
        return [[plain(key), plain(item)] for key, item in value.items()]
    if isinstance(value, (list, Set)):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value) if isinstance(value, BigInt) else value
