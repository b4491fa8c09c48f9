"""``python -m devalue``: what it prints, where, and with which exit code."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from devalue import BigInt, Map, Set, SparseArray, parse, stringify, undefined
from devalue._cli import COMMANDS, main
from tests.processes import heed_interrupts


@dataclass
class Done:
    """How a call ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run(*arguments: str, data: bytes = b"") -> Done:
    """Call the command line in this process, with streams whose encoding must not matter."""
    streams = [io.TextIOWrapper(io.BytesIO(part), encoding="ascii") for part in (data, b"", b"")]
    streams[2].reconfigure(errors="backslashreplace")  # as Python has standard error
    with pytest.MonkeyPatch.context() as patch:
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        try:
            code = main(arguments)
        except SystemExit as done:
            code = int(str(done.code))
        for stream in streams[1:]:
            stream.flush()
    _, stdout, stderr = (stream.buffer for stream in streams)
    assert isinstance(stdout, io.BytesIO)
    assert isinstance(stderr, io.BytesIO)
    return Done(code, stdout.getvalue(), stderr.getvalue())


def output(*arguments: str, data: str) -> str:
    done = run(*arguments, data=data.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


# --- parse -----------------------------------------------------------------------------------------------------------

SHOWN = {
    "-1": "undefined",
    "-6": "-0",
    '["é"]': '"é"',
    "[[1,-2,2,-3],1.5,null]": "[1.5, hole, null, NaN]",
    '[{"a":1,"b-c":2},true,"x"]': '{a: true, "b-c": "x"}',
    '[["null","a",1],1]': "Object.create(null) {a: 1}",
    "[[-7,4294967295,7,1],1]": "Array(4294967295) [7: 1]",
    '[["Map",1,2],"k",["BigInt","5"]]': 'Map {"k" => 5n}',
    '[["Map",1,2],[2],1]': "Map {\n  [\n    [1],\n    1\n  ]\n}",
    '[["Set",1],["Date","2024-01-02T03:04:05.678Z"]]': "Set {Date 2024-01-02T03:04:05.678Z}",
    '[["Date",""]]': "Date invalid",
    '[["Date","+010000-01-01T00:00:00.000Z"]]': "Date +010000-01-01T00:00:00.000Z",
    '[["RegExp","a+","gi"]]': "/a+/gi",
    '[["URL","https://a.b/"]]': 'URL "https://a.b/"',
    '[["URLSearchParams","a=1"]]': 'URLSearchParams "a=1"',
    '[["Object",1],"x"]': 'Object("x")',
    '[["Object",-3]]': "Object(NaN)",
    '[["Temporal.PlainDate","2024-01-01"]]': "Temporal.PlainDate 2024-01-01",
    '[["ArrayBuffer","AQI="]]': "ArrayBuffer(2) <01 02>",
    '[["DataView",1],["ArrayBuffer","AQI="]]': "DataView(2) <01 02>",
    '[["Float64Array",1],["ArrayBuffer","AAAAAAAAAIA="]]': "Float64Array(1) [-0]",
    '[["BigInt64Array",1],["ArrayBuffer","AQAAAAAAAAA="]]': "BigInt64Array(1) [1n]",
    '[["Vector",1],"x"]': 'Vector("x")',
    '[{"self":0}]': "&1 {\n  self: *1\n}".replace("\n  ", "").replace("\n", ""),
    "[[1,1],[]]": "[\n  &1 [],\n  *1\n]",
    '["\\u001b[2J\\u202e\\ud800"]': '"\\u001b[2J\\u202e\\ud800"',
}


@pytest.mark.parametrize("text", SHOWN)
def test_parse_shows_each_type_as_itself(text: str) -> None:
    assert output("parse", data=text) == SHOWN[text] + "\n"


def test_parse_shows_much_of_a_buffer_but_not_all() -> None:
    text = stringify([bytes(1000)])
    shown = output("parse", data=text)
    assert "Uint8Array(1000) [0, 0" in shown
    assert "… 900 more" in shown


def test_long_containers_take_a_line_for_each_child() -> None:
    text = stringify({"list": ["x" * 50, "y" * 50], "short": [1, 2]})
    assert output("parse", data=text).splitlines() == [
        "{",
        "  list: [",
        f'    "{"x" * 50}",',
        f'    "{"y" * 50}"',
        "  ],",
        "  short: [1, 2]",
        "}",
    ]


# --- parse --json ----------------------------------------------------------------------------------------------------


def test_json_of_a_plain_value_is_that_value_without_a_note() -> None:
    value = {"a": [1, 2.5, "é", None, True], "b": {"c": []}}
    assert json.loads(output("parse", "--json", data=stringify(value))) == value


LOST = {
    '[["Map",1,1],"k"]': ([["k", "k"]], "Map, as an array of pairs"),
    '[["Set",1],"k"]': (["k"], "Set, as an array"),
    '[["BigInt","5"]]': ("5", "BigInt, as a string"),
    '[["Date","2024-01-02T03:04:05.678Z"]]': ("2024-01-02T03:04:05.678Z", "Date, as a string"),
    '[["Date",""]]': (None, "invalid Date, as null"),
    "-1": (None, "undefined, as null"),
    "-3": (None, "NaN, as null"),
    "-5": (None, "-Infinity, as null"),
    "[[-2,-2]]": ([None, None], "hole, as null"),
    "[[-7,1002,1,1],1]": ({"1": 1}, "sparse array"),
    "[[-7,3,1,1],1]": ([None, 1, None], "sparse array"),
    '[["null","a",1],1]': ({"a": 1}, "null-prototype object"),
    '[["RegExp","a","g"]]': ("/a/g", "RegExp"),
    '[["URL","https://a.b/"]]': ("https://a.b/", "URL"),
    '[["URLSearchParams","a=1"]]': ("a=1", "URLSearchParams"),
    '[["Object",1],1]': (1, "boxed"),
    '[["Temporal.PlainDate","2024-01-01"]]': ("2024-01-01", "Temporal.PlainDate"),
    '[["Int8Array",1],["ArrayBuffer","AQI="]]': ([1, 2], "typed array"),
    '[["ArrayBuffer","AQI="]]': ("AQI=", "ArrayBuffer, as base64"),
    '[["DataView",1],["ArrayBuffer","AQI="]]': ("AQI=", "DataView, as base64"),
    '[["Vector",1],[2,2],1]': ([1, 1], "the custom type Vector"),
    '[["Vector",1],{"v":0}]': ({"v": None}, "closes a cycle"),
    "[[1,1],[2],3]": ([[3], [3]], "shared value, repeated (1×)"),
    '[{"self":0}]': ({"self": None}, "closes a cycle"),
}


@pytest.mark.parametrize("text", LOST)
def test_json_says_on_standard_error_what_it_does_not_keep(text: str) -> None:
    done = run("parse", "--json", data=text.encode())
    value, loss = LOST[text]
    assert done.returncode == 0
    assert json.loads(done.stdout) == value
    assert loss in done.stderr.decode(errors="replace") or loss in done.stderr.decode("unicode_escape")


def test_json_keeps_negative_zero() -> None:
    assert output("parse", "--json", data="-6") == "-0\n"


def test_json_of_sharing_that_unfolds_without_end_is_refused() -> None:
    slots = ",".join(f"[{slot + 1},{slot + 1}]" for slot in range(60))
    done = run("parse", "--json", data=f"[{slots},1]".encode())
    assert done.returncode == 1
    assert b"JSON has no references" in done.stderr


def test_very_deep_values_are_shown() -> None:
    slots = ",".join(f"[{slot + 1}]" for slot in range(50_000))
    for options in (["parse"], ["parse", "--json"]):
        done = run(*options, data=f"[{slots},1]".encode())
        assert done.returncode == 0
        assert done.stdout.count(b"[") == 50_000


# --- stringify -------------------------------------------------------------------------------------------------------


def test_stringify_writes_json_as_devalue() -> None:
    value = {"a": [1, 2.5, "<é>", None, True, {}]}
    text = output("stringify", data=json.dumps(value))
    assert text == stringify(value) + "\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": 9007199254740992}', b"at .a"),
        (b"1" * 5000, b"Invalid JSON"),
        (b'{"a": 1,}', b"line 1 column 9"),
        (b"[NaN]", b"NaN"),
        (b"", b"the text ends"),
        (b"\xff", b"UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, b"nested deeper"),
        (b'{"__proto__": 1}', b"__proto__"),
    ],
)
def test_stringify_refuses_what_would_not_arrive(data: bytes, message: bytes) -> None:
    done = run("stringify", data=data)
    assert done.returncode == 1
    assert done.stdout == b""
    assert message in done.stderr


# --- check -----------------------------------------------------------------------------------------------------------


def test_check_says_ok_with_the_numbers() -> None:
    assert output("check", data='[{"a":1},[2],3]') == "<stdin>: ok, 3 slots, 3 levels deep\n"
    assert output("check", data="-1") == "<stdin>: ok, 0 slots, 0 levels deep\n"


BROKEN = {
    '[{"a":1},\n  [2,,3]]': "<stdin>:2:6: ",
    '[{"a":1},\n [9]]': "<stdin>:2:2: Invalid input",
    '[\n["Date","x"]]': "<stdin>:2:1: ",
    "": "<stdin>:1:1: ",
    "\ufeff[1]": "<stdin>:1:1: Invalid JSON: a byte order mark",
    '[{"__proto__":1},1]': "<stdin>:1:2: Cannot parse an object with a `__proto__` property",
}


@pytest.mark.parametrize("text", BROKEN)
def test_check_says_where_a_text_is_broken(text: str) -> None:
    done = run("check", data=text.encode())
    assert done.returncode == 1
    assert done.stdout.decode().startswith(BROKEN[text])


def test_check_names_the_slot() -> None:
    assert b"(slot 1)" in run("check", data=b"[[1],[7]]").stdout


def test_check_refuses_what_is_too_deep_for_javascript() -> None:
    def chain(levels: int) -> bytes:
        return ("[" + ",".join(f"[{slot + 1}]" for slot in range(levels)) + ",[]]").encode()

    assert run("check", data=chain(900)).stderr == b""
    assert b"may fail" in run("check", data=chain(1500)).stderr
    done = run("check", data=chain(2001))
    assert done.returncode == 1
    assert b"levels deep at slot 2001" in done.stdout


def test_check_lists_the_revivers_that_a_reader_needs() -> None:
    done = run("check", data=b'[["Ref",1],["Vector",2],3]')
    assert done.returncode == 0
    assert done.stderr.count(b"needs a reviver for") == 2


def test_check_takes_several_files_and_fails_if_one_is_broken(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("[1]")
    bad.write_text("[[5]]")
    done = run("check", str(good), str(bad), str(good))
    assert done.returncode == 1
    assert [line.split(b":")[0] for line in done.stdout.splitlines()] == [os.fsencode(p) for p in (good, bad, good)]


# --- inspect ---------------------------------------------------------------------------------------------------------


def test_inspect_counts_every_byte_of_the_slots() -> None:
    value = {"s": "é" * 10, "m": Map([(1, Set([1, 2]))]), "b": BigInt(5), "a": [undefined, SparseArray(50, {3: 1})]}
    text = stringify(value)
    report = output("inspect", data=text)
    size = len(text.encode())
    assert report.startswith(f"{size:,} bytes, ")
    types = report.split("Types\n")[1].split("\n\n")[0].splitlines()[1:]
    assert sum(int(line.split()[-2].replace(",", "")) for line in types) == size - 1  # the opening bracket


def test_inspect_shows_what_is_shared_and_where_the_bytes_go() -> None:
    big = {"text": "x" * 500, "more": "y" * 500}
    report = output("inspect", data=stringify({"a": {"first": big}, "b": [big] * 20, "c": 1}))
    sections = {part.split("\n")[0]: part for part in report.split("\n\n")[1:]}
    assert list(sections) == ["Types", "Shared most", "Largest parts", "Largest slots"]
    assert '{"text":' in sections["Shared most"].splitlines()[2]
    assert sections["Largest parts"].splitlines()[2].startswith(".a ")


def test_inspect_finds_unused_slots() -> None:
    assert "2 slots unused" in output("inspect", data='[[1],2,"unused",4]')


def test_inspect_of_a_text_without_a_table() -> None:
    assert output("inspect", data="-1") == "no table: the text is the value undefined\n"


# --- the process -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["parse", "stringify", "check", "inspect"])
def test_every_command_reads_a_file_or_standard_input(command: str, tmp_path: Path) -> None:
    file = tmp_path / "é.txt"
    file.write_text('[["x"],1]' if command == "stringify" else '[{"a":1},"x"]')
    from_file, from_input = run(command, str(file)), run(command, "-", data=file.read_bytes())
    assert from_file.returncode == from_input.returncode == 0
    assert from_file.stdout.decode().replace(str(file), "<stdin>") == from_input.stdout.decode()


@pytest.mark.parametrize("command", ["parse", "stringify", "check", "inspect"])
def test_a_missing_file_is_the_fault_of_the_call(command: str) -> None:
    done = run(command, "/does/not/exist")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"/does/not/exist: No such file" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["parse", "--nonsense"], ["parse", "a", "b"]])
def test_a_wrong_call_shows_the_usage(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert b"usage:" in done.stderr


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", bytes(range(256)), b"[" * 100_000, b'["\xed\xa0\x80"]'])
@pytest.mark.parametrize("command", ["parse", "check", "inspect"])
def test_no_bytes_end_in_a_traceback(command: str, data: bytes) -> None:
    done = run(command, data=data)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m devalue parse - | head -c 10; exit ${{PIPESTATUS[0]}}"
    data = stringify(["x" * 100] * 100 + [str(number) * 50 for number in range(100_000)]).encode()
    done = subprocess.run(["bash", "-c", command], input=data, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_interrupt_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "devalue", "check"]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, preexec_fn=heed_interrupts) as process:
        assert process.stdin is not None
        process.stdin.write(b"[" * 1_000_000)  # more than a pipe holds: when this returns, it is reading
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, b"")


def test_it_runs_as_a_process_whatever_the_locale() -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "devalue", "parse"]
    done = subprocess.run(command, input='["é😀"]'.encode(), capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, '"é😀"\n', b"")


def test_progress_is_shown_where_a_person_watches() -> None:
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "devalue", "check"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=writer) as process:
        assert process.stdin is not None
        process.stdin.write(b'["' + b"x" * 2_000_000)
        process.stdin.flush()
        time.sleep(1.2)  # it has been reading for so long, and shows that after a second
        process.stdin.write(b"x" * 3_000_000 + b'"]')
    assert process.returncode == 0
    os.close(writer)
    assert b"reading: " in os.read(reader, 10_000)
    os.close(reader)


@pytest.mark.parametrize("add", COMMANDS, ids=lambda add: add.__module__)
def test_every_command_has_help(add: object, capsys: pytest.CaptureFixture[str]) -> None:
    name = add.__module__.rpartition(".")[2]
    with pytest.raises(SystemExit) as done:
        main([name, "--help"])
    assert done.value.code == 0
    assert "usage" in capsys.readouterr().out


def test_what_parse_shows_of_stringify_is_the_json_it_came_from() -> None:
    value = {"list": [{"id": number, "name": f"n{number}"} for number in range(100)]}
    text = output("stringify", data=json.dumps(value))
    assert parse(text) == value
