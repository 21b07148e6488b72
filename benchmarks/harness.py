"""Measure contenders against one another on a noisy machine.

A machine that does other things besides is slow for a while, and then quick again. So contenders
take turns in one process, and what counts is the ratio of two times taken one right after the
other; of many such ratios the median is given, with the quartiles to show how much they varied.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Case:
    """One thing to do, and who does it how.

    Attributes:
        name: What is done, in a few words.
        contenders: By name, functions without arguments that do it once.
        reference: The contender that all times are divided by.
        aim: The ratio that clean code should reach, and the one to stretch for.
    """

    name: str
    contenders: Mapping[str, Callable[[], object]]
    reference: str = "PyTorch eager"
    aim: tuple[float, float] | None = None


@dataclass(frozen=True)
class Result:
    """What came out, for one contender of one case; times in milliseconds."""

    case: str
    contender: str
    milliseconds: float
    ratio: float
    low: float
    high: float
    aim: tuple[float, float] | None

    def as_dict(self) -> dict[str, object]:
        """For a JSON file."""
        return asdict(self)


def measure(case: Case, rounds: int = 41, at_least: float = 0.002) -> list[Result]:
    """Let the contenders take turns, and compare the times of each turn.

    Args:
        case: What to measure.
        rounds: How many turns.
        at_least: Seconds that a turn should take; short tasks are repeated within it.
    """
    repeats = {name: _repeats(run, at_least) for name, run in case.contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in case.contenders}
    for _ in range(rounds):
        for name, run in case.contenders.items():
            times[name].append(_time(run, repeats[name]))
    results = []
    for name, own in times.items():
        ratios = [a / b for a, b in zip(own, times[case.reference], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        milliseconds = 1e3 * statistics.median(own)
        results.append(Result(case.name, name, milliseconds, middle, low, high, case.aim))
    return results


def _time(run: Callable[[], object], repeats: int) -> float:
    run()  # warm: in training the caches are not full of what somebody else did before
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def _repeats(run: Callable[[], object], at_least: float) -> int:
    for _ in range(3):  # the first runs allocate, compile, and fill caches
        run()
    return max(1, round(at_least / _time(run, 1)))
