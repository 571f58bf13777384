"""Below each page of the admin stands what belongs to it, with links, for those who may follow them (P70)."""

import uuid

import pytest

from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from disputes.models import Dispute
from finances.ledger.models import Account, Transfer
from milestones.models import ConsentRequest, Milestone
from support.desk import searching
from tests.situation import hold
from tests.steps import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def milestone(award) -> Milestone:
    return hold(award, "Photo gallery", 40_150)


def disputed(milestone: Milestone) -> Dispute:
    offered = {milestone.pk: 10_000}
    claim = "Half of the pictures are missing."
    return Dispute.open(milestone.award, offered, claim=claim, by=milestone.employer, key=uuid.uuid4())


@pytest.fixture
def dispute(milestone) -> Dispute:
    return disputed(milestone)


def change(thing) -> str:
    return f"/admin/{thing._meta.app_label}/{thing._meta.model_name}/{thing.pk}/change/"


def test_p70_every_page_leads_to_what_belongs_to_it(signed_in, in_group, award, milestone, dispute, erin):
    client = signed_in(in_group("support"))
    transfer = Transfer.objects.get(kind="hold")
    wallet = Account.wallet(erin.pk, "EUR")
    for thing, leads_to in (
        (erin, (award.project, award, milestone, dispute, wallet)),
        (award.project, (award, milestone, dispute, erin)),
        (award, (award.project, milestone, dispute, erin, award.freelancer)),
        (milestone, (award, dispute, transfer, milestone.escrow)),
        (milestone.escrow, (milestone, transfer)),
        (transfer, (milestone, wallet, milestone.escrow)),
        (dispute, (award.project, milestone, erin)),
    ):
        text = page(client.get(change(thing)))
        for other in leads_to:
            assert f'href="{change(other)}"' in text.replace("?_changelist_filters=", '"'), (thing, other)


def test_p70_a_request_for_consent_leads_to_its_milestone_and_back(signed_in, in_group, award, milestone):
    sue = in_group("support")
    asked = ConsentRequest.begin(milestone, note="They part.", by=sue, key=uuid.uuid4())
    client = signed_in(sue)
    assert change(asked) in page(client.get(change(milestone)))
    assert change(asked) in page(client.get(change(award)))
    assert change(milestone) in page(client.get(change(asked)))


def test_p70_other_legs_of_an_operation_are_named(signed_in, in_group, award, milestone, rates):
    transfers = Transfer.objects.filter(key=Transfer.objects.get(kind="hold").key)
    client = signed_in(in_group("finance"))
    for transfer in transfers:
        text = page(client.get(change(transfer)))
        assert all(change(other) in text for other in transfers if other != transfer)
        assert change(milestone) in text


def test_p70_who_may_not_read_a_kind_gets_no_list_of_it(signed_in, in_group, milestone, dispute, erin):
    arbitrator = signed_in(in_group("arbitrators"))
    text = page(arbitrator.get(change(milestone)))
    assert change(dispute) in text
    assert ">Disputes</h2>" in text
    assert ">Transfers</h2>" not in text
    assert ">Transfers</h2>" in page(signed_in(in_group("finance")).get(change(milestone)))
    member = page(arbitrator.get(change(erin)))
    assert "/admin/ledger/account/" not in member
    assert "/admin/payments/" not in member


def test_p72_who_has_dealings_with_a_side_finds_no_dispute_of_theirs(signed_in, in_group, milestone, dispute, wes):
    arbitrator = in_group("arbitrators")
    wes.is_staff = True
    wes.save()
    wes.groups.set(arbitrator.groups.all())
    assert change(dispute) in page(signed_in(arbitrator).get(change(milestone)))
    assert change(dispute) not in page(signed_in(Member.objects.get(pk=wes.pk)).get(change(milestone)))


def test_a_long_list_is_cut_to_the_newest(signed_in, in_group, award):
    made = [hold(award, f"Sketch {number}", 100) for number in range(searching.SHOWN + 1)]
    text = page(signed_in(in_group("support")).get(change(award)))
    assert change(made[-1]) in text
    assert change(made[1]) in text
    assert change(made[0]) not in text
    assert "These are the newest; there are more." in text


def test_only_who_reads_the_audit_is_led_to_it(signed_in, in_group, milestone):
    words = f"/admin/accounts/auditentry/?q=milestones_milestone%3A{milestone.pk}"
    assert words in page(signed_in(in_group("finance")).get(change(milestone)))
    assert "/admin/accounts/auditentry/" not in page(signed_in(in_group("support")).get(change(milestone)))


def test_a_story_costs_no_query_more_when_it_is_longer(signed_in, in_group, award):
    client = signed_in(in_group("support"))
    hold(award, "Sketch", 100)
    counts = []
    for _round in range(2):
        client.get(change(award))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(change(award)).status_code == 200
        counts.append(len(queries))
        for number in range(4):
            hold(award, f"Sketch {number}", 100)
    assert counts[0] == counts[1]


def test_every_kind_that_can_be_found_has_an_admin_page():
    for kind in searching.KINDS:
        assert kind.model in admin.site._registry
