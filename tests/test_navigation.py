"""The navigation says where one is, on every page that belongs to one of its three parts."""

import re

import pytest

from tests import situation

MARKED = [
    ("employer", "/projects/", "Projects"),
    ("employer", "/projects/{project}/", "Projects"),
    ("employer", "/bids/{bid}/award/", "Projects"),
    ("employer", "/my-work/", "My work"),
    ("freelancer", "/awards/{offer}/accept/", "My work"),
    ("freelancer", "/awards/{offer}/decline/", "My work"),
    ("employer", "/awards/{offer}/revoke/", "My work"),
    ("employer", "/finances/", "Finances"),
    ("employer", "/finances/transfers/{transfer}/", "Finances"),
    ("employer", "/milestones/{milestone}/", "Finances"),
    ("employer", "/milestones/{milestone}/release/", "Finances"),
    ("employer", "/milestones/{offered}/cancel/", "Finances"),
    ("employer", "/receipts/{receipt}/", "Finances"),
    ("employer", "/awards/{award}/milestones/new/", "Finances"),
    ("employer", "/awards/{award}/money/", "Finances"),
    ("employer", "/awards/{award}/messages/", "My work"),
    ("employer", "/finances/deposit/", "Finances"),
    ("employer", "/finances/sources/", "Finances"),
    ("employer", "/finances/payments/{payment}/", "Finances"),
    ("freelancer", "/finances/withdrawals/{withdrawal}/", "Finances"),
    ("employer", "/preferences/", None),
    ("employer", "/nowhere/", None),
]


@pytest.mark.django_db
def test_one_part_is_marked_and_it_is_the_right_one(signed_in):
    scene = situation.build()
    for person, address, part in MARKED:
        text = signed_in(scene.people[person]).get(scene.address(address)).content.decode()
        navigation = text.partition('<nav class="mainnav"')[2].partition("</nav>")[0]
        marked = re.findall(r"<a [^>]*aria-current=\"(?:page|true)\"[^>]*>([^<]+)</a>", navigation)
        assert marked == ([part] if part else []), address
