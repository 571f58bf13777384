"""What the two sides see of arbitration."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Member
from config.templatetags.money import money
from disputes.models import Dispute, Proposal
from disputes.models.offers import Split


def of_case(dispute: Dispute, user: Member) -> dict[str, Any]:
    """Return the arbitrator's questions, proposals and the verdict that stands, for one of the sides."""
    if dispute.escalated_at is None:
        return {"arbitration": None}
    verdict = dispute.verdicts.order_by("-id").first() if dispute.outcome == Dispute.Outcome.VERDICT else None
    return {
        "arbitration": {
            "arbitrator": dispute.arbitrator,
            "questions": _questions(dispute, user),
            "proposals": [
                {**_split(dispute, proposal), "answers": _answers(proposal)}
                for proposal in dispute.proposals.prefetch_related("answers__by").order_by("-id")
            ],
            "verdict": verdict and {**_split(dispute, verdict), "cites": [f"E{number}" for number in verdict.cites]},
            "fee": _fee(dispute, user),
        }
    }


def _questions(dispute: Dispute, user: Member) -> list[dict[str, Any]]:
    role, may_answer = dispute.role_of(user), dispute.allows("evidence", user)
    return [
        {
            "reference": question.reference,
            "number": question.number,
            "text": question.text,
            "at": question.at,
            "until": question.until_of(role),
            "asked": [
                str(side)
                for side in (dispute.award.employer, dispute.award.freelancer)
                if question.until_of(dispute.role_of(side))
            ],
            "answers": [item.reference for item in question.answers.all()],
            "url": reverse("disputes:answer", args=[question.pk]) if question.until_of(role) and may_answer else "",
        }
        for question in dispute.questions.prefetch_related("answers").order_by("number")
    ]


def _split(dispute: Dispute, row: Split) -> dict[str, Any]:
    each = zip(dispute.milestones, row.to_freelancer, strict=True)
    code = dispute.currency
    return {
        "at": row.at,
        "words": row.words,
        "each": [
            {"task": part.milestone.task, "freelancer": money(minor, code), "employer": money(part.held - minor, code)}
            for part, minor in each
        ],
    }


def _answers(proposal: Proposal) -> list[str]:
    words = {True: _("%(name)s accepted it."), False: _("%(name)s refused it.")}
    return [words[answer.accepted] % {"name": answer.by} for answer in proposal.answers.all()]


def _fee(dispute: Dispute, user: Member) -> str:
    """What the verdict cost the reader's own side; "" for nothing."""
    charged = dispute.events.filter(action="charge").values_list("data", flat=True).first()
    own = int(charged[dispute.role_of(user)]) if charged else 0
    return money(own, dispute.currency) if own else ""
