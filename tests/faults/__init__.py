"""Each fault that payments must survive, by really doing it."""

import pytest

pytest.register_assert_rewrite("tests.faults.place", "tests.faults.crowd")
