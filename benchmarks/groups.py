"""The groups of benchmarks. Each module registers its own with ``harness.benchmark``."""

import importlib
import pkgutil

import benchmarks
from benchmarks import harness

NOT_GROUPS = {"__main__", "cluster", "groups", "harness", "prepare_hordak", "settings_hordak"}


def load() -> list[str]:
    """Import every module of this package that measures something; return the names of the groups."""
    for module in sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__)):
        if module not in NOT_GROUPS:
            importlib.import_module(f"benchmarks.{module}")
    return list(harness.BENCHMARKS)
