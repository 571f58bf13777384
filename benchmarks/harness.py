"""Registers what is measured, runs it so that ratios mean something, and writes the results down.

Two things are compared by running them in turns (A B A B …) in one run on one machine, and the median of each is
taken: what else the machine does at the time then falls on both.
"""

import importlib
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import django

ROUNDS = 5
SECONDS = 3.0  # how long one turn lasts


@dataclass(frozen=True)
class Figure:
    """One measured figure. *better* says on which side of *target* it should be; no target: for information."""

    name: str
    value: float
    unit: str
    target: float | None
    better: Literal["higher", "lower"]

    @property
    def reached(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.better == "higher" else self.value <= self.target


Benchmark = Callable[[], Iterator[Figure]]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a function that yields figures; ``python -m benchmarks NAME`` runs the groups that are named."""

    def register(function: Benchmark) -> Benchmark:
        BENCHMARKS[name] = function
        return function

    return register


def in_turns(*measured: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """Run each of *measured* in turns, *rounds* times, and return the median of each."""
    results: list[list[float]] = [[] for _ in measured]
    for _ in range(rounds):
        for result, measure in zip(results, measured, strict=True):
            result.append(measure())
    return [statistics.median(result) for result in results]


class Crew:
    """Processes that each do one thing over and over while told to, and say how often they managed.

    *work* names a function ("module:function") that gets the process's number, sets itself up, and returns the
    function to repeat. The processes and their connections stay between turns, as a server's workers do.
    """

    def __init__(self, size: int, work: str, *arguments: Any, warm: int = 50) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes = []
        self._processes = []
        for number in range(size):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, number, work, arguments, warm), daemon=True)
            process.start()
            theirs.close()  # so that a process that died is noticed
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            pipe.recv()  # ready

    def begin(self, seconds: float = SECONDS) -> None:
        """Let all work for *seconds*, without waiting for them."""
        begin = time.time() + 0.05
        for pipe in self._pipes:
            pipe.send((begin, begin + seconds))

    def end(self) -> int:
        """Wait for all to finish; return how often the work was done, all together. RuntimeError if it failed."""
        done = [pipe.recv() for pipe in self._pipes]
        for result in done:
            if isinstance(result, str):
                raise RuntimeError(f"a worker failed: {result}")
        return sum(done)

    def rate(self, seconds: float = SECONDS, meanwhile: Callable[[], object] | None = None) -> float:
        """Let all work for *seconds*; return how often a second it was done.

        *meanwhile* is called here, ten times a second.
        """
        self.begin(seconds)
        until = time.time() + seconds
        while meanwhile and time.time() < until:
            meanwhile()
            time.sleep(0.1)
        return self.end() / seconds

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join(10)


def _serve(pipe: Any, number: int, work: str, arguments: tuple[Any, ...], warm: int) -> None:
    django.setup()
    module, function = work.split(":")
    step: Callable[[], object] = getattr(importlib.import_module(module), function)(number, *arguments)
    for _ in range(warm):  # statements get prepared, caches filled
        step()
    pipe.send("ready")
    while (turn := pipe.recv()) is not None:
        begin, end = turn
        time.sleep(max(0.0, begin - time.time()))
        done = 0
        try:
            while time.time() < end:
                step()
                done += 1
        except Exception as error:
            pipe.send(repr(error))
        else:
            pipe.send(done)


def run(names: list[str], results: Path) -> list[Figure]:
    """Run the named groups (all, if none is named), print a table as it grows, write *results* as JSON."""
    figures: list[Figure] = []
    print(f"{'what':74} {'value':>10} {'target':>10}  unit")
    for name, function in BENCHMARKS.items():
        if names and name not in names:
            continue
        for figure in function():
            figures.append(figure)
            sign = {"higher": "≥", "lower": "≤"}[figure.better]
            target = "" if figure.target is None else f"{sign} {figure.target:g}"
            mark = "" if figure.reached else "  MISSED"
            print(f"{figure.name:74} {figure.value:>10.4g} {target:>10}  {figure.unit}{mark}", flush=True)
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    return figures
