"""Who has had to do with whom: nobody arbitrates between people with whom they work or have worked."""

from collections.abc import Collection

from django.db.models import Q

from projects.models import Award, Bid


def of(member: int) -> set[int]:
    """Return the numbers of *member* and of all with whom they ever shared an award or a bid."""
    found = {member}
    found.update(Award.objects.filter(employer=member).values_list("freelancer", flat=True))
    found.update(Award.objects.filter(freelancer=member).values_list("employer", flat=True))
    found.update(Bid.objects.filter(project__employer=member).values_list("freelancer", flat=True))
    found.update(Bid.objects.filter(freelancer=member).values_list("project__employer", flat=True))
    return found


def any_between(member: int, others: Collection[int]) -> bool:
    """Return whether *member* is one of *others*, or ever shared an award or a bid with one (numbers of members)."""
    if member in others:
        return True
    as_employer, as_freelancer = Q(employer=member, freelancer__in=others), Q(freelancer=member, employer__in=others)
    if Award.objects.filter(as_employer | as_freelancer).exists():
        return True
    own_project = Q(project__employer=member, freelancer__in=others)
    own_bid = Q(freelancer=member, project__employer__in=others)
    return bool(Bid.objects.filter(own_project | own_bid).exists())
