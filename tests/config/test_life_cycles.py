"""docs/life-cycles.md is what the tables of actions say, and draws every state with a way that leads to it."""

import pytest

from config.management.commands import lifecycles


def test_the_page_is_what_the_tables_say():
    assert lifecycles.PAGE.read_text() == lifecycles.page(), "run: manage.py lifecycles"


@pytest.mark.parametrize("model", lifecycles.models(), ids=lambda model: model.__name__)
def test_every_state_has_a_way_that_leads_to_it(model):
    states = set(lifecycles.states_of(model))
    first = model._meta.get_field("state").default
    reached = {target for source, target, _ in lifecycles.arrows(model) if source != target}
    assert states - reached <= {first}
    assert reached <= states
    assert {source for source, _, _ in lifecycles.arrows(model)} <= states | {"new"}


def test_awards_milestones_and_what_is_asked_are_there():
    assert {"Project", "Bid", "Award", "Milestone"} <= {model.__name__ for model in lifecycles.models()}
