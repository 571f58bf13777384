"""Measures the promises made about speed. ``make bench`` runs it; ``docs/money.md`` tells what was found and why."""
