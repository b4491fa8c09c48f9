"""The teas and how many tins of each are left. A real shop keeps this in its database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRODUCTS = Path(__file__).parents[1] / "products.json"


@dataclass(frozen=True)
class Tea:
    sku: str
    name: str
    kind: str
    cents: int


class OutOfStockError(Exception):
    def __init__(self, names: list[str]) -> None:
        super().__init__(f"Not enough left of: {', '.join(names)}.")


class Warehouse:
    def __init__(self, products: Path = PRODUCTS) -> None:
        listed = json.loads(products.read_text("utf-8"))
        self.teas = {p["sku"]: Tea(p["sku"], p["name"], p["kind"], p["cents"]) for p in listed}
        self.stock: dict[str, int] = {p["sku"]: p["stock"] for p in listed}

    def price(self, cart: Mapping[str, int]) -> int:
        """In cents. A sku that is not sold any more costs nothing, and `take` refuses it."""
        return sum(count * self.teas[sku].cents for sku, count in cart.items() if sku in self.teas)

    def take(self, cart: Mapping[str, int]) -> None:
        """Takes everything, or nothing and raises OutOfStockError."""
        short = [sku for sku, count in cart.items() if count > self.stock.get(sku, 0)]
        if short:
            raise OutOfStockError([self.teas[sku].name if sku in self.teas else sku for sku in short])
        for sku, count in cart.items():
            self.stock[sku] -= count

    def related(self, skus: set[str], cart: Mapping[str, int]) -> list[str]:
        """Teas of the same kinds that are not in the cart yet and can be had."""
        kinds = {self.teas[sku].kind for sku in skus if sku in self.teas}
        same_kind = [tea.sku for tea in self.teas.values() if tea.kind in kinds]
        return [sku for sku in same_kind if sku not in cart and self.stock[sku]]
