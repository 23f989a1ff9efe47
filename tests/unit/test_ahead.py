import threading

import pytest

from srlib.ahead import ahead


def test_work_goes_on_while_the_one_before_is_used():
    last = threading.Event()

    def step(item):
        if item == 2:
            last.set()
        return item

    for _ in ahead(step, range(3), 2):
        assert last.wait(60)  # only its own result would ever let it begin


def test_as_many_are_worked_on_at_a_time_as_there_are_threads():
    together = threading.Barrier(3)  # broken after a minute
    assert list(ahead(lambda item: together.wait(60) * 0 + item, range(9), 3)) == list(range(9))


def test_no_more_is_begun_than_is_soon_used():
    begun = []
    results = ahead(lambda item: item, (begun.append(i) or i for i in range(1000)), 4)
    assert [next(results) for _ in range(5)] == list(range(5))
    assert len(begun) <= 5 + 4 + 1


def test_nothing_more_is_begun_after_an_error():
    begun = []
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda item: begun.append(item) or 1 / item, range(1000), 1))
    assert len(begun) <= 2
