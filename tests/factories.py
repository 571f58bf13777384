"""Makes things for tests through the models' own verbs."""

import uuid
from typing import Any

import factory

from accounts.models import Member
from projects.models import Award, Bid, Project


class MemberFactory(factory.django.DjangoModelFactory):
    """A member with a verified e-mail address and the password ``secret``."""

    class Meta:
        model = Member

    name = factory.Sequence(lambda n: f"Member {n}")
    email = factory.Sequence(lambda n: f"member{n}@example.com")
    time_zone = "UTC"

    @classmethod
    def _create(cls, model_class: type[Member], *args: object, **kwargs: object) -> Member:
        member = model_class.objects.create_user(password="secret", **kwargs)
        member.emailaddress_set.create(email=member.email, verified=True, primary=True)
        return member


def ProjectFactory(*, employer: Member | None = None, **fields: Any) -> Project:
    """An open project, with a budget of 500 to 2,000 euros unless said otherwise."""
    return Project.post(
        by=employer or MemberFactory(),
        **{
            "title": "Guest house website",
            "description": "A small site with rooms, prices and a booking form.",
            "skills": ["django", "design"],
            "currency": "EUR",
            "budget_from": 50_000,
            "budget_to": 200_000,
            **fields,
        },
    )


def BidFactory(*, project: Project | None = None, freelancer: Member | None = None, **fields: Any) -> Bid:
    """A bid that stands: 1,000.00 in the project's currency within 14 days, unless said otherwise."""
    return Bid.place(
        project or ProjectFactory(),
        by=freelancer or MemberFactory(),
        **{"amount": 100_000, "days": 14, "proposal": "I have built five of these.", **fields},
    )


def award(bid: Bid, *, by: Member | None = None) -> Award:
    """The employer awards *bid*; it awaits the freelancer's answer."""
    return bid.award(by=by or bid.project.employer, key=uuid.uuid4())


def accepted(award: Award) -> Award:
    """The freelancer accepts *award*."""
    return award.accept(by=award.freelancer, key=uuid.uuid4())


def AwardFactory(*, employer: Member | None = None, freelancer: Member | None = None, **fields: Any) -> Award:
    """An award that awaits acceptance, on a project of its own; *fields* are the bid's."""
    return award(BidFactory(project=ProjectFactory(employer=employer), freelancer=freelancer, **fields))


def revoked(award: Award) -> Award:
    """The employer takes *award* back."""
    return award.revoke(by=award.employer, key=uuid.uuid4())
