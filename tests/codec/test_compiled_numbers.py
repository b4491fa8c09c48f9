"""Doubles and integers as the compiled encoder writes them, against Python's repr set as JavaScript sets it.

``DEVALUE_NUMBERS=5000000`` draws so many random doubles instead of the short default.
"""

from __future__ import annotations

import math
import os
import random
import struct
from collections.abc import Callable, Iterator

import pytest

from devalue import BigInt
from devalue._rules import MAX_SAFE_INTEGER, number_text
from devalue._stringify import stringify

COUNT = int(os.environ.get("DEVALUE_NUMBERS", "60000"))


def texts(numbers: list[float]) -> list[str]:
    """The slots of distinct numbers, in their order."""
    wrapped = stringify(numbers)
    return wrapped[wrapped.index("]") + 2 : -1].split(",")


def random_bits(rnd: random.Random) -> float:
    value: float = struct.unpack("<d", rnd.randbytes(8))[0]
    return value if math.isfinite(value) else 0.5


def short_decimal(rnd: random.Random) -> float:
    return float(f"{rnd.randrange(10 ** rnd.randrange(1, 17))}e{rnd.randrange(-30, 30)}")


def measured(rnd: random.Random) -> float:
    return round(rnd.uniform(-1e4, 1e4), rnd.randrange(0, 12))


def subnormal(rnd: random.Random) -> float:
    return rnd.randrange(1, 2**52) * 5e-324


def beyond_safe(rnd: random.Random) -> float:
    return float(rnd.randrange(2**53, 2**80))


def half_way(rnd: random.Random) -> float:
    return rnd.randrange(2**52) + 0.5


def few_places(rnd: random.Random) -> float:
    return rnd.randrange(-(10 ** rnd.randrange(1, 17)), 10**16) / 10 ** rnd.randrange(1, 5)


def beside_few_places(rnd: random.Random) -> float:
    return math.nextafter(few_places(rnd), rnd.choice([math.inf, -math.inf]))


def neighbours(values: Iterator[float]) -> Iterator[float]:
    for value in values:
        yield from (value, math.nextafter(value, math.inf), math.nextafter(value, -math.inf))


DRAWS = [random_bits, short_decimal, measured, few_places, beside_few_places, subnormal, beyond_safe, half_way]


@pytest.mark.parametrize("draw", DRAWS)
def test_random_doubles_have_their_shortest_text(draw: Callable[[random.Random], float]) -> None:
    rnd = random.Random(f"{draw.__name__} {COUNT}")
    left = COUNT // len(DRAWS)
    while left > 0:
        numbers = list({draw(rnd) for _ in range(min(left, 50_000))} - {0.0})
        assert texts(numbers) == [number_text(number) for number in numbers]
        left -= 50_000


def test_powers_of_two_and_ten_and_their_neighbours_have_their_shortest_text() -> None:
    powers = [2.0**power for power in range(-1074, 1024)] + [float(f"1e{power}") for power in range(-323, 309)]
    numbers = [number for number in dict.fromkeys(neighbours(iter(powers))) if number and math.isfinite(number)]
    assert texts(numbers) == [number_text(number) for number in numbers]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1e21, "1e+21"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e20, "100000000000000000000"),
        (2.0**63, "9223372036854776000"),
        (2.0**53 + 2, "9007199254740994"),
        (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"),
        (-1.5e-7, "-1.5e-7"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (0.1 + 0.2, "0.30000000000000004"),
        (9007199254740993.5, "9007199254740994"),
        (123456.789, "123456.789"),
    ],
)
@pytest.mark.parametrize("beside", ["", "é", "я", "😀"], ids=["ascii", "latin-1", "16 bits", "32 bits"])
def test_a_number_is_set_as_javascript_sets_it(number: float, text: str, beside: str) -> None:
    assert stringify([number, beside]).startswith(f"[[1,2],{text},")


def test_integers_of_every_length_are_written() -> None:
    numbers = [sign * (10**power + more) for power in range(16) for more in (-1, 0, 1) for sign in (1, -1)]
    numbers = [number for number in dict.fromkeys([*numbers, MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER]) if number]
    assert texts(numbers) == [str(number) for number in numbers]


def test_an_integral_double_shares_the_slot_of_the_integer() -> None:
    for number in (0, 1, -1, 255, 2**31, 2**52, MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER):
        assert stringify([number, float(number), number]) == f"[[1,1,1],{number}]"


def test_bigints_around_64_bits_are_written() -> None:
    for number in (0, 1, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**40):
        assert stringify([BigInt(number), BigInt(number)]) == f'[[1,1],["BigInt","{number}"]]'
