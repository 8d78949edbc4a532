"""Work done in several processes, told in the order in which it was given."""

import os
import signal
import sys
import time

import pytest

from integrations.files.errors import FileError
from integrations.imports.lanes import LANES, Lanes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")


def work(number):
    """The earlier, the longer it takes."""
    time.sleep(0.02 * (6 - number))
    if number == 1:
        raise ValueError("one is wrong")
    if number == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid(), number * number


def test_what_was_given_first_is_told_first_and_each_lane_has_its_turn():
    with Lanes(work) as lanes:
        for number in (0, 2, 3):
            lanes.give(f"note {number}", number)
        told = list(lanes.rest())

    assert [(note, square) for note, (_, square) in told] == [("note 0", 0), ("note 2", 4), ("note 3", 9)]
    assert len({pid for _, (pid, _) in told}) == LANES
    assert os.getpid() not in {pid for _, (pid, _) in told}


def test_no_more_is_taken_than_the_lanes_can_do():
    with Lanes(work) as lanes:
        for number in (0, 2, 3):
            lanes.give(number, number)
            assert list(lanes.done()) == []
        lanes.give(5, 5)
        assert [note for note, _ in lanes.done()] == [0]
        assert [note for note, _ in lanes.rest()] == [2, 3, 5]


@pytest.mark.parametrize(("wrong", "error"), [(1, ValueError), (4, FileError)])
def test_what_went_wrong_with_one_is_raised_after_all_others_were_told(wrong, error):
    with Lanes(work) as lanes:
        for number in (wrong, 2, 3):
            lanes.give(number, number)
        rest = lanes.rest()
        told = [next(rest)[0], next(rest)[0]]
        with pytest.raises(error):
            next(rest)

    assert told == [2, 3]


def test_whoever_is_interrupted_while_he_waits_finds_all_among_the_rest(monkeypatch):
    with Lanes(work) as lanes:
        for number in (0, 2, 3):
            lanes.give(number, number)
        first = lanes._waiting[0][1]
        with monkeypatch.context() as patched:
            patched.setattr(first, "result", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                next(lanes.rest())
        assert [note for note, _ in lanes.rest()] == [0, 2, 3]
