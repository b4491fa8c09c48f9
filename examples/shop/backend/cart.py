"""What the session holds, for Python's type checker; ../storefront/src/env.d.ts says it to Astro's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypedDict

from devalue import BigInt, Map, Set
from devalue.sessions import Session, SessionKey


class Order(TypedDict):
    number: BigInt  # 64 bits: more than a JavaScript number can hold
    placed: datetime
    cents: int
    lines: Map[str, int]


CART = SessionKey[Map[str, int]]("cart")  # sku -> how many
VIEWED = SessionKey[Set[str]]("viewed")  # skus
ORDER = SessionKey[Order]("order")
HISTORY = SessionKey[list[dict[str, Any]]]("history")

_KEPT = 12


def record(session: Session, what: str) -> None:
    """Appends one line to the list of "who wrote what" that both sides keep in the session."""
    entry = {"by": "Python", "what": what, "at": datetime.now(UTC)}
    session[HISTORY] = [*session.get(HISTORY, []), entry][-_KEPT:]
