"""What staff see of disputes; arbitrators act on them."""

from django.contrib import admin

from config.read_only import ReadOnlyAdmin
from disputes.models import Dispute


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Disputes, read-only."""

    letter = "d"
    list_display = ("reference", "state", "outcome", "currency", "opened_at", "escalated_at", "arbitrator")
