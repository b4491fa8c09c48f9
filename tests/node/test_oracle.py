"""The oracle outlives whatever a case does to it."""

from __future__ import annotations

import pytest

from tests.node.oracle import JsError, Oracle, OracleError


def test_a_failing_job_is_an_error_of_that_job_alone(oracle: Oracle) -> None:
    endless = "(()=>{let a=[];for(let i=0;i<1e5;i++)a=[a];return a})()"
    sources = ["1", "1 +", "()=>1", "(()=>{throw 5})()", endless, "2"]
    first, syntax, function, thrown, deep, last = oracle.run(
        {"op": "stringify", "source": source} for source in sources
    )
    assert (first, last) == ("[1]", "[2]")
    assert [error.name for error in (syntax, function, thrown, deep)] == [
        "SyntaxError", "DevalueError", "thrown", "RangeError",
    ]  # fmt: skip


def test_a_rejected_promise_is_an_error_of_its_job(oracle: Oracle) -> None:
    with pytest.raises(JsError, match="no"):
        oracle.stringify_async("[Promise.reject(new Error('no')), Promise.reject(new Error('neither'))]")
    assert oracle.stringify_async("[Promise.resolve(1)]") == "[[1],1]"


@pytest.mark.parametrize(
    ("source", "message"),
    [("(()=>{for(;;);})()", "did not answer within 0.5 s"), ("process.exit(3)", r"died \(exit status 3\)")],
)
def test_a_process_that_hangs_or_dies_is_replaced(source: str, message: str) -> None:
    oracle = Oracle()
    with pytest.raises(OracleError, match=message):
        oracle.run([{"op": "stringify", "source": source}], timeout=0.5)
    assert oracle.stringify("1") == "[1]"
    oracle.close()


def test_any_string_crosses_in_both_directions(oracle: Oracle) -> None:
    text = '["\\u2028\u2028\n\x00\ud800é\U0001f600"]'.replace("\n", "").replace("\x00", "")
    assert oracle.rewrite(text, version=5) == '["\\u2028\\u2028\ud800é\U0001f600"]'


def test_large_requests_and_answers_cross(oracle: Oracle) -> None:
    text = '["' + "x" * 20_000_000 + '"]'
    assert oracle.rewrite(text) == text
