"""The groups *support*, *arbitrators* and *finance*: what each may read, and the desk's own steps.

Made after every migration; what a site adds to a group by hand stays. Other floors give the groups the rights of their
own steps (``disputes.arbitrators``, ``accounts.staff_groups``). Nobody gets the right to add, change or delete what
is money, history, a state or evidence: none of it has a form (P70). Saved answers are none of it.
"""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

# What an arbitrator must read to decide.
CASES = (
    "accounts.view_member",
    "projects.view_project",
    "projects.view_bid",
    "projects.view_award",
    "milestones.view_milestone",
    "milestones.view_milestonerequest",
    "milestones.view_releaserequest",
    "milestones.view_message",
    "disputes.view_dispute",
)
MONEY = (
    "ledger.view_account",
    "ledger.view_transfer",
    "payments.view_payment",
    "payments.view_withdrawal",
    "payments.view_correction",
    "payments.view_paymentsource",
    "payments.view_payoutdestination",
    "procrastinate.view_procrastinatejob",
)
RIGHTS: dict[str, tuple[str, ...]] = {
    "support": (
        *CASES,
        *MONEY,
        "accounts.view_notification",
        "accounts.view_profile",
        "account.view_emailaddress",
        "mfa.view_authenticator",
        "projects.view_review",
        "projects.view_standing",
        "milestones.view_consentrequest",
        "milestones.give_back_by_consent",
        "help.view_vote",
        "help.view_missed",
        "chat.view_conversation",
        "chat.answer_conversation",
        "chat.view_savedanswer",
        "chat.add_savedanswer",
        "chat.change_savedanswer",
        "chat.delete_savedanswer",
        "desk.view_suspension",
        "desk.suspend_member",
        "desk.view_look",
        "desk.look_as_member",
        "desk.view_errand",
        "desk.mail_again",
    ),
    "arbitrators": CASES,
    "finance": (
        *MONEY,
        "accounts.view_member",
        "projects.view_project",
        "projects.view_award",
        "milestones.view_milestone",
        "disputes.view_dispute",
        "payments.view_delivery",
        "payments.propose_correction",
        "payments.confirm_correction",
        "payments.refund_payment",
        "payments.view_reconciliation",
        "desk.view_books",
        "desk.view_errand",
    ),
}


def make(sender: Any, **kwargs: Any) -> None:
    """Make the groups with their permissions. Idempotent. KeyError for a permission that there is not."""
    for label in {right.split(".")[0] for rights in RIGHTS.values() for right in rights}:
        create_permissions(apps.get_app_config(label), verbosity=0)  # those of apps that are migrated later
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, rights in RIGHTS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*(known[right] for right in rights))
