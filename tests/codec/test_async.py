"""``stringify_async`` writes the text of the value as if the results had been in it from the start."""

from __future__ import annotations

import asyncio
import gc
import math
import sys
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devalue import BigInt, EncodeError, Map, NullObject, Set, SparseArray, stringify, stringify_async, undefined
from devalue.testing import values
from tests.node.oracle import Oracle


async def later(value: Any, seconds: float = 0) -> Any:
    await asyncio.sleep(seconds)
    return value


class Thenable:
    """Awaitable, but neither a coroutine nor a future."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return self.value


def write(value: Any, **options: Any) -> str:
    """Run ``stringify_async`` so that a coroutine that nobody awaited is an error (pytest turns warnings into one)."""
    return asyncio.run(stringify_async(value, **options))


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await test()
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, "a task was left running"

    asyncio.run(main(), debug=True)
    gc.collect()


# --- what it writes --------------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(value=values())
def test_a_value_without_awaitables_has_the_text_of_stringify(value: Any) -> None:
    assert write(value) == stringify(value)


@settings(max_examples=100)
@given(value=values(), delays=st.lists(st.sampled_from([0, 0.0005, 0.001]), min_size=3, max_size=3))
def test_the_text_is_that_of_the_results_whichever_settles_first(value: Any, delays: list[float]) -> None:
    first, second, third = delays
    awaited = [later(value, first), {"again": later(value, second)}, value, later([later(value, third)])]
    assert write(awaited) == stringify([value, {"again": value}, value, [value]])


PLACES: dict[str, Callable[[Any], Any]] = {
    "the root": lambda inner: inner,
    "a list": lambda inner: [1, inner],
    "a tuple": lambda inner: (1, inner),
    "a dict": lambda inner: {"a": inner},
    "a null object": lambda inner: NullObject(a=inner),
    "a key of a Map": lambda inner: Map([(inner, 1)]),
    "a value of a Map": lambda inner: Map([(1, inner)]),
    "a Set": lambda inner: Set([inner]),
    "a set": lambda inner: {inner},
    "a sparse array": lambda inner: SparseArray(100, {50: inner}),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("make", [later, Thenable], ids=["coroutine", "object"])
def test_an_awaitable_may_stand_anywhere(place: Callable[[Any], Any], make: Callable[[Any], Any]) -> None:
    assert write(place(make("x"))) == stringify(place("x"))


@pytest.mark.parametrize("result", [undefined, math.nan, -0.0, math.inf, -math.inf, None, 0, BigInt(1), ""])
def test_a_result_without_a_slot_takes_none(oracle: Oracle, result: Any) -> None:
    assert write(later(result)) == stringify(result)
    text = write({"a": later(result), "b": [later(result)]})
    assert text == stringify({"a": result, "b": [result]})
    assert oracle.rewrite(text) == text


def test_a_result_that_occurs_elsewhere_shares_its_slot(oracle: Oracle) -> None:
    shared = {"v": 1}
    text = write([later(shared), shared, later(shared)])
    assert text == '[[1,1,1],{"v":2},1]'
    assert oracle.rewrite(text) == text


def test_a_result_may_hold_what_holds_its_awaitable() -> None:
    cycle: dict[str, Any] = {}
    cycle["later"] = later([cycle])
    assert write(cycle) == '[{"later":1},[0]]'


def test_javascript_reads_the_same_value_as_from_its_own_text(oracle: Oracle) -> None:
    theirs = oracle.stringify_async("({a: Promise.resolve({x: 1}), b: [Promise.resolve('s')]})")
    assert oracle.parse(write({"a": later({"x": 1}), "b": [later("s")]})) == oracle.parse(theirs)


def test_each_awaitable_is_awaited_once() -> None:
    one = later([1])
    assert write([one, {"again": one}]) == '[[1,3],[2],1,{"again":1}]'


def test_futures_tasks_and_chains_of_results_are_awaited() -> None:
    async def test() -> None:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.001, future.set_result, "future")
        task = asyncio.create_task(later(later(Thenable("end"))))
        assert await stringify_async([future, task, task]) == stringify(["future", "end", "end"])

    run(test)


def test_everything_is_awaited_at_the_same_time() -> None:
    async def test() -> None:
        barrier = asyncio.Barrier(4)

        async def meet(value: Any) -> Any:
            await asyncio.wait_for(barrier.wait(), 10)
            return value

        # Two stand in the value, two in results that settle at once.
        value = [meet(1), meet(2), later([meet(3)]), Thenable({"a": meet(4)})]
        assert await stringify_async(value) == stringify([1, 2, [3], {"a": 4}])

    run(test)


# Eager tasks (Python 3.12) run inside the call that starts them.
FACTORIES = [None, *([asyncio.eager_task_factory] if sys.version_info >= (3, 12) else [])]


@pytest.mark.parametrize("factory", FACTORIES)
def test_long_chains_of_results_do_not_end_the_stack(factory: Any) -> None:
    async def chain(length: int) -> Any:
        return [chain(length - 1)] if length else []

    async def main() -> str:
        asyncio.get_running_loop().set_task_factory(factory)
        return await stringify_async(chain(1500))

    expected: Any = []
    for _ in range(1500):
        expected = [expected]
    assert asyncio.run(main()) == stringify(expected)


@pytest.mark.parametrize("factory", FACTORIES)
def test_a_task_that_fails_as_it_starts_ends_the_others(factory: Any) -> None:
    async def at_once() -> None:
        raise KeyError("mine")

    async def test() -> None:
        asyncio.get_running_loop().set_task_factory(factory)
        watched = Watched()
        with pytest.raises(KeyError):
            await stringify_async([watched.forever(), at_once(), watched.forever(), at_once()])
        assert set(watched.ends) <= {"cancelled"}

    run(test)


# --- hooks -----------------------------------------------------------------------------------------------------------


class Point:
    def __init__(self, x: Any) -> None:
        self.x = x


def test_reducers_may_be_coroutine_functions_and_their_results_hold_awaitables() -> None:
    async def reduce(point: Point) -> Any:
        return [point.x]

    shared = Point(later("x"))
    text = write([shared, later(shared), Point(1)], reducers={"Point": (Point, reduce)})
    reducers = {"Point": (Point, lambda point: [point.x])}
    reduced = Point("x")
    assert text == stringify([reduced, reduced, Point(1)], reducers=reducers)


def test_a_reducer_sees_an_awaitable_before_it_is_awaited_and_then_its_result() -> None:
    seen: list[Any] = []
    waiting = Thenable("x")
    write([waiting], reducers={"R": seen.append})
    assert [value for value in seen if value in (waiting, "x")] == [waiting, "x"]


def test_a_reducer_may_claim_an_awaitable() -> None:
    text = write([Thenable(5)], reducers={"T": (Thenable, lambda value: [value.value])})
    assert text == '[[1],["T",2],[3],5]'


def test_hooks_are_asked_once_for_each_value() -> None:
    asked: list[Any] = []

    def reducer(value: Any) -> Any:
        asked.append(value)

    def default(value: Any) -> Any:
        asked.append(value)
        return [value.x]

    point = Point(later("x"))
    text = write([point, point, later(point), "x", 7], reducers={"R": reducer}, default=default)
    assert text == '[[1,1,1,2,3],[2],"x",7]'
    assert asked.count("x") == asked.count(7) == 1
    assert len([value for value in asked if value is point]) == 2  # the reducer, then default


def test_default_may_give_an_awaitable() -> None:
    assert write([Point(1)], default=lambda point: later({"x": point.x})) == '[[1],{"x":2},1]'


@pytest.mark.parametrize("value", [[(), ()], [b"", b"", b"a", b"a"], [frozenset(), frozenset()]])
def test_results_of_reducers_for_pythons_singletons_stay_apart(value: Any) -> None:
    def reduce(value: Any) -> list[Any]:
        return list(value)

    reducers = {"R": ((tuple, bytes, frozenset), reduce)}
    assert write([value, later(1)], reducers=reducers) == stringify([value, 1], reducers=reducers)


# --- failures --------------------------------------------------------------------------------------------------------


class Watched:
    """Coroutines that note how they end."""

    def __init__(self) -> None:
        self.begun = 0
        self.ends: list[str] = []

    async def forever(self) -> None:
        self.begun += 1
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            self.ends.append("cancelled")
            raise

    async def all_begun(self, count: int) -> None:
        while self.begun < count:
            await asyncio.sleep(0)


async def fail(error: BaseException, seconds: float = 0.001) -> None:
    await asyncio.sleep(seconds)
    raise error


def test_the_first_failure_is_raised_as_it_is_and_the_others_are_cancelled() -> None:
    async def test() -> None:
        watched, error = Watched(), KeyError("mine")

        async def fail_last() -> None:
            await watched.all_begun(3)
            raise error

        task = asyncio.create_task(watched.forever())
        value = [watched.forever(), {"a": fail_last()}, later([watched.forever()]), task]
        with pytest.raises(KeyError) as caught:
            await stringify_async(value)
        assert caught.value is error
        assert caught.value.__cause__ is None
        assert watched.ends == ["cancelled"] * 3
        assert task.cancelled()

    run(test)


def test_failures_at_the_same_moment_are_all_retrieved() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        unretrieved: list[Any] = []
        loop.set_exception_handler(lambda loop, context: unretrieved.append(context))
        futures = [loop.create_future() for _ in range(5)]
        tasks = [asyncio.create_task(fail(ValueError(index))) for index in range(5)]
        for future in futures:
            loop.call_later(0.001, future.set_exception, ValueError("now"))
        with pytest.raises(ValueError):  # noqa: PT011 - any of the ten
            await stringify_async([*futures, *tasks])
        del futures, tasks
        gc.collect()
        await asyncio.sleep(0.01)
        assert not unretrieved

    run(test)


def test_a_group_of_exceptions_is_raised_as_it_is() -> None:
    group = ExceptionGroup("mine", [ValueError("a")])
    with pytest.raises(ExceptionGroup) as caught:
        write([fail(group)])
    assert caught.value is group


def test_an_awaitable_that_somebody_cancelled_is_not_passed_over() -> None:
    async def test() -> None:
        watched = Watched()
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.001, future.cancel)
        with pytest.raises(asyncio.CancelledError):
            await stringify_async([watched.forever(), future])
        assert watched.ends == ["cancelled"]
        current = asyncio.current_task()
        assert current is not None
        assert current.cancelling() == 0

    run(test)


def test_cancelling_the_caller_cancels_everything() -> None:
    async def test() -> None:
        watched = Watched()
        task = asyncio.create_task(stringify_async([watched.forever(), later([watched.forever()])]))
        await watched.all_begun(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert watched.ends == ["cancelled"] * 2

    run(test)


def test_a_result_that_comes_in_spite_of_cancelling_starts_nothing_more() -> None:
    async def stubborn(started: asyncio.Event, inner: Any) -> Any:
        try:
            started.set()
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            return [inner]

    async def test() -> None:
        started, watched = asyncio.Event(), Watched()
        task = asyncio.create_task(stringify_async([stubborn(started, watched.forever())]))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert watched.ends == []

    run(test)


def test_a_timeout_around_it_works() -> None:
    async def test() -> None:
        watched = Watched()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await stringify_async([watched.forever()])
        assert watched.ends == ["cancelled"]

    run(test)


def test_a_shielded_task_goes_on() -> None:
    async def test() -> None:
        kept = asyncio.create_task(later("kept", 0.02))
        with pytest.raises(KeyError):
            await stringify_async([asyncio.shield(kept), fail(KeyError())])
        assert await kept == "kept"

    run(test)


def test_coroutines_that_were_not_started_are_closed() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        nested = {"a": [later(1)], "b": (later(1), Map([(later(1), {later(1)})]), SparseArray(9, {3: later(1)}))}
        with pytest.raises(EncodeError):
            await stringify_async([print, nested])
        with pytest.raises(LookupError):
            await stringify_async([Point(1), later(1)], default=lambda value: [][0])
        with pytest.raises(TypeError):
            await stringify_async([later(1)], reducers={"R": 1})
        failing = loop.create_future()
        failing.set_exception(KeyError())
        with pytest.raises(KeyError):
            await stringify_async([failing, later(1), later(1)])

    run(test)


def test_a_value_that_cannot_be_written_is_refused_at_once_with_its_path() -> None:
    async def test() -> None:
        watched = Watched()
        root = [watched.forever(), {"a": print}]
        with pytest.raises(EncodeError) as caught:
            await asyncio.wait_for(stringify_async(root), 10)
        assert caught.value.path == "[1].a"
        assert caught.value.root is root

    run(test)


def test_a_result_that_cannot_be_written_is_refused_at_once_with_its_path() -> None:
    async def test() -> None:
        watched = Watched()
        root = {"slow": watched.forever(), "x": Map([("k", later([later({"deep": print})]))])}
        with pytest.raises(EncodeError) as caught:
            await asyncio.wait_for(stringify_async(root), 10)
        assert caught.value.path == '.x.get("k")[0].deep'
        assert caught.value.root is root
        assert watched.ends == ["cancelled"]

    run(test)


def test_awaitables_that_result_in_each_other_are_refused() -> None:
    first, second = Thenable(None), Thenable(None)
    first.value, second.value = second, first
    with pytest.raises(EncodeError):
        write([first])


def test_stringify_refuses_an_awaitable_and_names_stringify_async() -> None:
    with pytest.raises(EncodeError, match="stringify_async"):
        stringify([Thenable(1)])


def test_no_event_loop_is_needed_where_nothing_is_awaited() -> None:
    with pytest.raises(StopIteration) as done:
        stringify_async({"a": 1}).send(None)
    assert done.value.value == '[{"a":1},1]'
