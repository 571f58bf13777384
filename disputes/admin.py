"""Disputes in the admin: staff read them, arbitrators take, ask, propose and decide (P70 to P72)."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.money import decimals, format_minor
from config.read_only import ReadOnlyAdmin
from disputes import arbitrators, dealings, rows_staff
from disputes.models import Dispute
from disputes.views.staff import step

INTEGER = IntegerField()


class Queue(admin.SimpleListFilter):
    """What an arbitrator looks for."""

    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("untaken", _("To be taken")),
            ("mine", _("Mine")),
            ("second", _("For a second arbitrator")),
            ("late", _("Verdict is late")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> QuerySet[Dispute]:
        found = {
            "untaken": Q(arbitrator=None) | ~Q(arbitrator__in=arbitrators.everyone()),
            "mine": Q(arbitrator=request.user.pk),
            "second": Q(awaited__isnull=False) & ~Q(arbitrator=request.user.pk),
            "late": Q(verdict_by__lte=timezone.now()),
        }.get(self.value() or "")
        return queryset if found is None else queryset.filter(found, state=Dispute.State.ARBITRATION)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """The queue: first what is in arbitration, by how long it has waited; sorted by money at a click."""

    letter = "D"
    list_display = (
        "reference",
        "project",
        "parties",
        "disputed",
        "state_label",
        "waits_since",
        "taken_by",
    )  # fits 1280
    list_filter = (Queue, "state", "outcome", "currency")
    list_select_related = ("award__project", "award__employer", "award__freelancer", "arbitrator")
    search_fields = ("award__project__title", "award__employer__email", "award__freelancer__email")
    search_help_text = gettext_lazy("Reference (D12), a project's words, or a party's e-mail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        """All but those with a side with which the reader has dealings; their own they read like anybody else."""
        known = dealings.of(request.user.pk or 0)
        factors = [When(currency=code, then=Value(10 ** decimals(code))) for code in settings.CURRENCIES]
        found: QuerySet[Dispute] = (
            super()
            .get_queryset(request)
            .exclude(Q(award__employer__in=known) | Q(award__freelancer__in=known))
            .annotate(
                sum=Sum("parts__held"),
                waits=Case(
                    When(state="arbitration", then=0), When(ended_at=None, then=1), default=2, output_field=INTEGER
                ),
            )
            # Compared by their figures alone, since the site knows no exchange rates.
            .annotate(figure=F("sum") / Case(*factors, default=Value(100), output_field=INTEGER))
        )
        return found.order_by("waits", "escalated_at", "-id")  # type: ignore[misc]

    @admin.display(description=gettext_lazy("reference"), ordering="id")
    def reference(self, dispute: Dispute) -> str:
        return dispute.reference

    @admin.display(description=gettext_lazy("project"))
    def project(self, dispute: Dispute) -> str:
        return Truncator(dispute.award.project.title).chars(26)

    @admin.display(description=gettext_lazy("parties"))
    def parties(self, dispute: Dispute) -> str:
        return f"{dispute.award.employer} · {dispute.award.freelancer}"

    @admin.display(description=gettext_lazy("in dispute"), ordering="figure")
    def disputed(self, dispute: Any) -> str:
        return format_minor(dispute.sum, dispute.currency)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_label(self, dispute: Dispute) -> str:
        return _("Second") if dispute.verdict_waits else str(dispute.get_state_display())

    @admin.display(description=gettext_lazy("waits since"), ordering="escalated_at")
    def waits_since(self, dispute: Dispute) -> Any:
        return dispute.escalated_at

    @admin.display(description=gettext_lazy("arbitrator"), ordering="arbitrator__name")
    def taken_by(self, dispute: Dispute) -> str:
        return str(dispute.arbitrator or "")

    def get_urls(self) -> list[URLPattern]:
        """The steps of arbitrators stand beside the case."""
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:pk>/step/<slug:action>/", view, name="disputes_dispute_step"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The whole case on one page, for reading, with the steps that the reader may take."""
        dispute = self.of_reader(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **rows_staff.case(dispute, request.user),
            "title": _("Dispute %(reference)s") % {"reference": dispute.reference},
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/disputes/case.html", context)

    def step_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """A step of an arbitrator (``disputes.views.staff``)."""
        dispute = self.of_reader(request, str(pk))
        return step(self, request, dispute, action)

    def of_reader(self, request: HttpRequest, object_id: str) -> Dispute:
        """Return the dispute. 404 where there is none; PermissionDenied for whoever may not read it."""
        if not object_id.isdecimal() or not self.has_view_permission(request):
            raise PermissionDenied
        dispute: Dispute = get_object_or_404(Dispute.objects.with_people(), pk=int(object_id))
        if dispute.has_dealings(request.user):  # type: ignore[arg-type]
            raise PermissionDenied(_("You have dealings with one of the sides, so others look after this dispute."))
        return dispute
