"""Where a member's picture is."""

from django.urls import reverse

from accounts.models import Member


def picture_url(member: Member) -> str:
    """Return the address of the picture of *member*, read with their profile; "" where the initials stand for it."""
    profile = getattr(member, "profile", None)
    if profile is None or not profile.has_picture:
        return ""
    return f"{reverse('projects:picture', args=[member.pk])}?v={profile.pictures}"
