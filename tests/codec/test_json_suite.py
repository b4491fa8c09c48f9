r"""The scanner against RFC 8259, in the categories of the well-known JSON test suites.

Every JSON value stands in a slot that nothing refers to, so that the scanner alone decides; JSON.parse of Node is asked
the same. ``<hex>`` in a case is a byte that is not printable.
"""

import json
import re

import pytest

from devalue import DecodeError
from tests.codec.conftest import Codec
from tests.node.oracle import JsError, Oracle

ACCEPTED = {
    "array": ["[]", "[ ]", "[[]]", "[1]", '[""]', "[null]", '[1,"a",true,null,{}]', "[1\n,2]", "[2] ", " [1]"],
    "object": [
        *("{}", '{"a":1}', '{"":0}', '{"a":1,"b":2}', '{"a":1,"a":2}', '{"a":[]}', '{"a" : 1}', '{"\\u0000":1}'),
        *('{"a":{"b":{"c":{}}}}', '{"min":-1.0e+28,"max":1.0e+28}', '{\n"a":\n1\n}', '{"__proto__":1}'),
    ],
    "number": [
        *(
            "0",
            "-0",
            "1",
            "-1",
            "123",
            "0.1",
            "-0.1",
            "1.5",
            "0e1",
            "0e+1",
            "0E-1",
            "1e1",
            "1E1",
            "1E+2",
            "1E-2",
            "1.0e-2",
        ),
        *("1e400", "-1e400", "1e-400", "123456789012345678901234567890", "-123456789012345678901234567890"),
        *(
            "0.000000000000000000000000000000000000000000000000000000000000000000000000000000123",
            "1.7976931348623157e308",
        ),
        *("2.2250738585072014e-308", "4.9e-324", "9007199254740993", "0." + "1" * 1000, "1" * 5000, "1e0000000001"),
    ],
    "string": [
        *('""', '"a"', '"é"', '"日本"', '"😀"', r'"\""', r'"\\"', r'"\/"', r'"\b\f\n\r\t"', r'"\u0041"', r'"\u00e9"'),
        *(
            r'"\uD83D\uDE00"',
            r'"\ud83d"',
            r'"\ude00"',
            r'"\ude00\ud83d"',
            r'"\ud83dx"',
            r'"\u0000"',
            r'"\u2028"',
            '"\u2028"',
        ),
        *('"\x7f"', '"\u00a0"', '"\ufeff"', '"\uffff"', '"/"', '"a/*b*/c//d"', r'"\ud83d\ud83d\ude00"', r'"\uFFFE"'),
        '"' + "a" * 100_000 + '"',
    ],
    "structure": ["true", "false", "null", "[[[[[[[[[[1]]]]]]]]]]", " \t\r\n1 \t\r\n", "[" * 500 + "]" * 500],
}

REJECTED = {
    "array": [
        *(
            "[",
            "]",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[,]",
            "[1,,2]",
            "[1 2]",
            "[1}",
            '["a":1]',
            "[a",
            '["a',
            "[1]]",
            "[1],",
            "[x]",
        ),
        *(
            "[1:2]",
            '[""',
            "[\n4\n,",
            "[*]",
            "[-]",
            "[1,\n1\n,1",
            "[\x0b]",
            "[\x0c]",
            "[\u00a0]",
            "[\u2060]",
            "[\ufeff]",
            "[<ff>]",
        ),
    ],
    "object": [
        *(
            "{",
            "}",
            '{"a"',
            '{"a":',
            '{"a":1',
            '{"a":1,',
            '{"a":1,}',
            "{,}",
            '{,"a":1}',
            '{"a" 1}',
            '{"a"::1}',
            '{"a":1:2}',
        ),
        *(
            "{1:1}",
            "{a:1}",
            "{'a':1}",
            '{"a":1 "b":2}',
            '{"a",1}',
            '{"a":"b"/**/}',
            '{"a":1,,"b":2}',
            "{null:null}",
            '{"a":}',
        ),
        *('{"a":1]', '{"a":1}}', '{"a":1}#', '{"a":1}//', '{"a":1}/', '{"a":\x0b1}', "{[]:1}", '{"\\u00z0":1}'),
    ],
    "number": [
        *(
            "01",
            "-01",
            "00",
            "1.",
            "-1.",
            ".1",
            "-.1",
            "1.e1",
            "1e",
            "1e+",
            "1E-",
            "1.5e",
            "0e",
            "0e+",
            "0x1",
            "1a",
            "1_0",
        ),
        *(
            "+1",
            "++1",
            "--1",
            "-",
            "- 1",
            "-a",
            "Infinity",
            "-Infinity",
            "NaN",
            "-NaN",
            "1n",
            "1.1.1",
            "1e1.5",
            "1e1e1",
        ),
        *("１", "1 000", "-2.", "0.3e", "9.e+", "2.e3", "1,5e", "0b1", "1/2", "1e１", "-0x1", "<e5>1", "1\x00"),
    ],
    "string": [
        *(
            '"',
            '"a',
            "'a'",
            "a",
            r'"\"',
            r'"\x41"',
            r'"\a"',
            r'"\'"',
            r'"\0"',
            r'"\u"',
            r'"\u00"',
            r'"\u00A"',
            r'"\u00G0"',
        ),
        *(
            r'"\U0041"',
            r'"\ud83d\u"',
            r'"\ud83d\u1"',
            '"\\',
            '"\\u',
            '"\n"',
            '"\t"',
            '"\x00"',
            '"\x1f"',
            '"a\rb"',
            "“a”",
        ),
        *(
            '"\\\n"',
            '"\\😀"',
            r'"\u 041"',
            r'"\u+041"',
            r'"\u-041"',
            r'"\u00"1',
            '"<ff>"',
            '"<c0><af>"',
            '"<ed><a0><80>"',
        ),
        *('"<f4><90><80><80>"', '"<e2><82>"', '"a"b', '"a" "b"', "\\n", '"<80>"'),
    ],
    "structure": [
        *(
            "",
            " ",
            "tru",
            "True",
            "TRUE",
            "nul",
            "truex",
            "undefined",
            "1 2",
            "1,",
            ",1",
            "/**/1",
            "1//",
            "#",
            "*",
            "<",
            "\\",
            "`a`",
        ),
        *(
            "[1]x",
            "{}x",
            "[" * 100_000,
            '[{"":' * 50_000,
            "\ufeff1",
            "1\x00",
            "@",
            "[<feff>]",
            "(1)",
            "let a=1",
            "1;",
            "\u20281",
        ),
    ],
}

# Where a text ends to be one: index of the first character that cannot stay, in the text itself.
POSITIONS = [
    ("", 0),
    ("[1", 2),
    ("[1,]", 3),
    ("[1 2]", 3),
    ("[1]]", 3),
    ('[{"a" 1}]', 6),
    ('[{"a":}]', 6),
    ("[{a:1}]", 2),
    ("[1,\n 01]", 6),
    ('[1,"a\nb"]', 5),
    ('["a\\x"]', 3),
    ('["\\u00g0"]', 2),
    ("[1,tru]", 3),
    ("[NaN]", 1),
    ("\ufeff[1]", 0),
]


def raw(case: str) -> bytes:
    return re.sub(rb"<([0-9a-f]{2})>", lambda match: bytes.fromhex(match[1].decode()), case.encode())


def in_a_slot(case: str) -> bytes:
    return b"[true," + raw(case) + b"]"


@pytest.mark.parametrize("category", ACCEPTED)
def test_every_json_value_is_accepted(codec: Codec, category: str) -> None:
    for case in ACCEPTED[category]:
        assert codec.parse(in_a_slot(case)) is True, case[:60]
        assert codec.parse(in_a_slot(case).decode()) is True, case[:60]


@pytest.mark.parametrize("category", REJECTED)
def test_everything_else_is_rejected(codec: Codec, category: str) -> None:
    for case in REJECTED[category]:
        if case in ("1,", ",1", "", " ", "1 2") and category == "structure":
            continue  # within an array these are what the array rules are about
        with pytest.raises(DecodeError):
            codec.parse(in_a_slot(case))


@pytest.mark.parametrize("category", REJECTED)
def test_everything_else_is_rejected_as_a_whole_text_too(codec: Codec, category: str) -> None:
    for case in REJECTED[category]:
        with pytest.raises(DecodeError):
            codec.parse(raw(case))


def test_json_parse_of_node_accepts_and_rejects_the_same(oracle: Oracle) -> None:
    good = [case for cases in ACCEPTED.values() for case in cases if len(case) < 5000]
    bad = [case for cases in REJECTED.values() for case in cases if "<" not in case and len(case) < 5000]
    sources = [f"(JSON.parse({json.dumps(case)}), 1)" for case in good + bad]
    answers = oracle.run({"op": "stringify", "source": source} for source in sources)
    for case, answer in zip(good + bad, answers, strict=True):
        assert isinstance(answer, JsError) == (case in bad), case


@pytest.mark.parametrize(("text", "position"), POSITIONS)
def test_an_error_says_where(codec: Codec, text: str, position: int) -> None:
    for data in (text, text.encode()):
        with pytest.raises(DecodeError) as caught:
            codec.parse(data)
        error = caught.value
        assert (error.pos, error.doc) == (position, text)
        assert error.lineno == text.count("\n", 0, position) + 1
        assert error.colno == position - text.rfind("\n", 0, position)
