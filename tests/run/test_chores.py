"""The worker's loops."""

from __future__ import annotations

import threading

from podatelna.run.chores import keep_doing


class Step:
    """A step that does as it is told, and ends the loop after its last turn."""

    def __init__(self, stop: threading.Event, *turns: float | Exception) -> None:
        self.stop, self.turns, self.done = stop, list(turns), 0

    def __call__(self) -> float:
        turn = self.turns[self.done]
        self.done += 1
        if self.done == len(self.turns):
            self.stop.set()
        if isinstance(turn, Exception):
            raise turn
        return turn


def test_a_loop_outlives_what_its_step_raises() -> None:
    stop = threading.Event()
    step = Step(stop, 0.0, RuntimeError("the database is away"), 0.0, 0.0)
    keep_doing("test", step, stop)
    assert step.done == 4


def test_a_wait_ends_at_once_when_something_arrives() -> None:
    stop, arrived = threading.Event(), threading.Event()
    step = Step(stop, 3600.0, 0.0)
    thread = threading.Thread(target=keep_doing, args=("test", step, stop, arrived))
    thread.start()
    while step.done < 2 and thread.is_alive():
        arrived.set()
    thread.join(30)
    assert step.done == 2


def test_stopping_ends_a_long_wait() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=keep_doing, args=("test", lambda: 3600.0, stop))
    thread.start()
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
