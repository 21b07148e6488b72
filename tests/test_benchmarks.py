"""The benchmarks' harness, on a clock that the test holds; and that page and data agree."""

import json

import pytest

from benchmarks import harness
from benchmarks.page import DATA, PAGE, render
from benchmarks.run import cases


class Clock:
    """A clock that goes on only when someone works, and slowly when the machine is busy."""

    def __init__(self):
        self.now = 0.0
        self.busy = 1.0

    def work(self, seconds):
        def run():
            self.now += seconds * self.busy

        return run


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(harness.time, "perf_counter", lambda: clock.now)
    return clock


def test_ratios_are_those_of_the_work(clock):
    contenders = {"fast": clock.work(0.001), "PyTorch eager": clock.work(0.004)}
    fast, eager = harness.measure(harness.Case("case", contenders, aim=(0.5, 0.3)), rounds=5)
    assert (fast.contender, fast.case, fast.aim) == ("fast", "case", (0.5, 0.3))
    assert fast.ratio == pytest.approx(0.25)
    assert fast.milliseconds == pytest.approx(1.0)
    assert (eager.ratio, eager.low, eager.high) == (1.0, 1.0, 1.0)


def test_a_slow_moment_slows_both(clock):
    turns = []

    def fast():
        turns.append(None)
        clock.busy = 10.0 if len(turns) % 2 else 1.0  # every second turn, for both
        clock.work(0.01)()

    contenders = {"fast": fast, "PyTorch eager": clock.work(0.02)}
    result = harness.measure(harness.Case("case", contenders), rounds=9)[0]
    assert result.ratio == pytest.approx(0.5)
    assert (result.low, result.high) == pytest.approx((0.5, 0.5))


def test_short_tasks_are_repeated_and_long_ones_are_not(clock):
    calls = {"short": 0, "long": 0}

    def counted(name, seconds):
        work = clock.work(seconds)

        def run():
            calls[name] += 1
            work()

        return run

    contenders = {"short": counted("short", 1e-5), "long": counted("long", 1.0)}
    harness.measure(harness.Case("case", contenders, reference="long"), rounds=4, at_least=1e-3)
    assert calls == {"short": 3 + 2 + 4 * 101, "long": 3 + 2 + 4 * 2}


def test_the_page_says_what_was_measured():
    data = json.loads(DATA.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(data)
    for result in data["results"]:
        assert f"| {result['contender']} | {result['milliseconds']:.3f} |" in page
    assert len({result["case"] for result in data["results"]}) >= 11


@pytest.mark.filterwarnings("ignore:.*script_method:DeprecationWarning")  # torch.compile's own
def test_every_task_stands_on_the_page():
    data = json.loads(DATA.read_text(encoding="utf-8"))
    shown = dict.fromkeys(result["case"] for result in data["results"])
    assert list(shown) == [case.name for case in cases()]


def test_the_page_says_where_code_falls_short():
    data = json.loads(DATA.read_text(encoding="utf-8"))
    for result in data["results"]:
        result["ratio"] = 0.01
    assert "every task with an aim reached it" in render(data)
    data["results"][0]["ratio"] = 9.0
    text = render(data)
    assert f"{data['results'][0]['case']} at 9.00" in text
    assert "every task" not in text
