"""Threads, forks, subinterpreters and Ctrl-C in the middle of the codec."""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from devalue import EncodeError, Map, Set

ROOT = Path(__file__).parents[2]


class Thing:
    """What only a hook can write."""


@pytest.fixture
def eager_threads():
    """Threads take turns as often as Python lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def shared_value():
    leaves = [[f"text {number}", number / 7, {"a": Thing()}] for number in range(100)]
    return {"list": leaves, "map": Map((str(at), leaf) for at, leaf in enumerate(leaves)), "set": Set(range(50))}


def change(value):
    value["list"].append([f"more {time.monotonic_ns()}"])
    value["list"][:5] = [["other"]]
    value[f"key {time.monotonic_ns() % 7}"] = [Thing()]
    value["map"]["new"] = {"x": [1]}
    value["map"].pop("new", None)
    del value["list"][100:]


@pytest.mark.usefixtures("eager_threads")
@pytest.mark.parametrize(
    "options",
    [{"default": lambda thing: [str(thing)]}, {"reducers": {"T": lambda value: isinstance(value, Thing) and [1]}}],
    ids=["default", "reducer"],
)
def test_a_value_may_be_changed_by_other_threads_while_some_write_it(codec, options):
    value, stop, failures = shared_value(), threading.Event(), []

    def write():
        while not stop.is_set():
            try:
                codec.parse(codec.stringify(value, **options), revivers={"T": lambda payload: payload})
            except (EncodeError, RuntimeError):
                pass  # as Python says it of its own iterators: changed during iteration
            except BaseException as error:
                failures.append(error)

    def mutate():
        while not stop.is_set():
            change(value)

    threads = [threading.Thread(target=target) for target in (write, write, write, mutate)]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.usefixtures("eager_threads")
def test_threads_that_read_and_write_with_hooks_do_not_meet(codec):
    failures = []

    def work(name):
        text = f'[[1,3,5],["N",2],"{name}",["N",4],"{name * 50}",["Map",2,4]]'
        want = [("N", name), ("N", name * 50), Map([(name, name * 50)])]
        for _ in range(60):
            value = codec.parse(text, revivers={"N": lambda payload: ("N", payload)})
            written = codec.stringify(value, reducers={"N": lambda v: isinstance(v, tuple) and v[1]})
            if value != want or written != text:
                failures.append((name, value, written))

    threads = [threading.Thread(target=work, args=(f"thread {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@contextmanager
def forked():
    """The child's work must end well too: 0 is its exit status then."""
    child = []
    yield child
    if child == [0]:
        os._exit(0)
    assert os.waitpid(child[0], 0)[1] == 0


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_may_fork_in_the_middle_of_reading_and_writing(codec):
    def fork(value):
        if not child:
            child.append(os.fork())
        return [value.__class__.__name__]

    texts = '[[1,2],["Thing",3],{"a":3},[4],"Thing"]', '[[1,2],["Thing",3],{"a":2},["x"]]'
    for operation in (
        lambda: codec.stringify([Thing(), {"a": "b"}], reducers={"Thing": (Thing, fork)}),
        lambda: codec.parse(texts[0], revivers={"Thing": fork}),
    ):
        with forked() as child:
            try:
                first = operation()
                assert operation() == first
            except BaseException:
                if child == [0]:
                    os._exit(1)
                raise


SUBINTERPRETER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import devalue
assert devalue.IMPLEMENTATION == "pure", devalue.IMPLEMENTATION
text = '[{{"a":1,"b":3}},["Map",2,0],"k",["Date","2024-01-02T03:04:05.678Z"]]'
assert devalue.stringify(devalue.parse(text)) == text
"""


def test_a_subinterpreter_is_served_by_the_twin():
    name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    code = (
        f"import {name} as interpreters, devalue, sys\n"
        f"made = interpreters.create()\n"
        f"failed = interpreters.run_string(made, {SUBINTERPRETER!r})\n"
        f"interpreters.destroy(made)\n"
        f"assert devalue.parse(devalue.stringify([1])) == [1]\n"
        f"sys.exit(str(failed) if failed else 0)\n"
    )
    importlib.import_module(name)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def alarms(handler, first, interval):
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, first, interval)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def repeat_until_raised(error, work):
    """A handler raises a moment from now, and again where Python drops it: a destructor can raise nothing.

    Once it was caught it raises no more: giving back what the work had made may take longer than the pause.
    """
    raised, dropped, over = 0, 0, False

    def handler(number, frame):
        nonlocal raised
        if not over:
            raised += 1
            raise error

    def drop(_):
        nonlocal dropped
        dropped += 1

    before, sys.unraisablehook = sys.unraisablehook, drop
    try:
        with alarms(handler, 0.01, 0.5):
            try:
                while raised == dropped:
                    work()
            except error:
                over = True
    finally:
        sys.unraisablehook = before
    assert over, "what the handler raised was lost"
    assert raised - dropped == 1, "what the handler raised was lost at first"


def size_of_long_work(codec):
    """Long enough that the signal comes in the middle of one call."""
    return 3_000_000 if codec.name == "compiled" else 100_000


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda size: list(range(size)), id="one long list"),
        pytest.param(lambda size: [[number] for number in range(size // 3)], id="many small ones"),
        pytest.param(lambda size: {str(number): number for number in range(size // 3)}, id="one long dict"),
        pytest.param(lambda size: ["é\n" * 20 + str(number) for number in range(size // 10)], id="much text"),
    ],
)
def test_ctrl_c_ends_a_long_parse_and_a_long_stringify(codec, make):
    value = make(size_of_long_work(codec))
    repeat_until_raised(KeyboardInterrupt, lambda: codec.stringify(value))
    text = codec.stringify(value)
    repeat_until_raised(KeyboardInterrupt, lambda: codec.parse(text))
    assert codec.parse('[["Map",1,1],"still fine"]') == {"still fine": "still fine"}


class Late(Exception):
    """What a handler raises when time is up."""


def test_what_a_signal_handler_raises_passes_through_and_is_no_matter_of_the_text(codec):
    value = [[number] for number in range(size_of_long_work(codec) // 3)]
    text = codec.stringify(value)
    repeat_until_raised(Late, lambda: codec.parse(text))
    repeat_until_raised(Late, lambda: codec.stringify(value))


LONG_SLOTS = {
    "many slots": lambda count: "[" + "[1]," * count + "0]",
    "one list": lambda count: "[[" + "1," * (count * 2) + "1],{}]",
    "one Map": lambda count: '[["Map"' + ",1,1" * count + "],0]",
    "one object": lambda count: "[{" + ",".join(f'"{at}":1' for at in range(count // 2)) + "},0]",
    "one sparse array": lambda count: "[[-7,4294967295" + "".join(f",{at},1" for at in range(count)) + "],0]",
}


@pytest.mark.parametrize("make", LONG_SLOTS.values(), ids=LONG_SLOTS)
def test_signal_handlers_run_in_the_middle_of_one_parse_also_within_one_slot(codec, make):
    text = make(size_of_long_work(codec))
    calls, most = [], 0
    with alarms(lambda *_: calls.append(1), 0.002, 0.002):
        for _ in range(20):  # a busy machine may hold back some
            calls.clear()
            codec.parse(text)
            most = max(most, len(calls))
            if most > 2:
                break
    assert most > 2, "handlers ran before and after the call only"


def test_a_signal_handler_may_use_the_codec_that_it_interrupts(codec):
    calls = []

    def handler(number, frame):
        calls.append(codec.parse(codec.stringify({"in": ["handler", Set([1])]})))

    with alarms(handler, 0.005, 0.01):
        value = [[number, str(number)] for number in range(size_of_long_work(codec) // 10)]
        with suppress(EncodeError):
            assert codec.parse(codec.stringify(value)) == value
    assert calls
    assert all(call == calls[0] for call in calls)
