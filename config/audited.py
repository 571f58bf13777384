"""Which tables have no audit of their rows, and why; all others have one (``accounts.auditing``, docs/audit.md)."""

# Each with its reason. What is written very often or derived, and is somebody's deed nowhere.
LEFT_OUT = {
    "accounts_auditentry": "the audit itself; its rows can't be changed",
    "ledger_account": "its balances follow from the transfers, and only the ledger's own functions write them",
    "ledger_transfer": "its own history: never changed, with the key of the step that stands in the audit",
    "ledger_pending": "what is still to be folded; only the ledger's own functions write it",
    "accounts_notification": "tells of steps that stand in the audit; changed by reading it and by mailing it",
    "projects_standing": "figures, added up from events",
    "projects_standingsum": "figures, added up from events",
    "projects_standingdue": "work to be done on these figures",
    "projects_standingmark": "work to be done on these figures",
    "milestones_heldtotal": "figures, added up from events",
    "milestones_monthtotal": "figures, added up from transfers",
    "milestones_foldedmonths": "work to be done on these figures",
    "milestones_messageread": "up to where somebody has read",
    "procrastinate_jobs": "the queue of jobs, written all the time; what a job does stands in the audit",
    "procrastinate_events": "the queue of jobs",
    "procrastinate_workers": "the queue of jobs",
    "procrastinate_periodic_defers": "the queue of jobs",
    "django_session": "sign-ins and sign-outs stand in the audit as such",
    "django_migrations": "written by migrations, which only the tables' owner runs",
    "django_content_type": "names of models, written by migrations",
    "cache": "rate limits and the like, which anybody may lose",
    "sandbox_sandboxinstrument": "the test provider's, not the site's",
    "sandbox_sandboxsetup": "the test provider's, not the site's",
    "sandbox_sandboxcall": "the test provider's, not the site's",
    "sandbox_sandboxcharge": "the test provider's, not the site's",
    "sandbox_sandboxrefund": "the test provider's, not the site's",
    "sandbox_sandboxpayout": "the test provider's, not the site's",
    "sandbox_sandboxoutage": "the test provider's, not the site's",
}

# Columns of which only that they changed is kept: secrets, and what is too large. So is every column of bytes, and
# every one whose name speaks of a password, a secret or a token.
MASKED = {
    "mfa_authenticator": ("data",),
    "account_emailconfirmation": ("key",),
}
