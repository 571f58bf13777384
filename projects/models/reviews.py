"""What the two sides of a completed award say of each other (P7)."""

import uuid
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from projects import notices
from projects.models.awards import Award

LONGEST = 1000  # characters


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible(self) -> "ReviewQuerySet":
        """Those that everybody may read: both of the award are in, or nobody can write one any more.

        The only way to a review for everything that is shown or counted; who wrote one may read their own.
        """
        other = Review.objects.filter(award=models.OuterRef("award")).exclude(author=models.OuterRef("author"))
        return self.filter(Q(award__review_by__lte=timezone.now()) | models.Exists(other))

    def visible_to(self, user: Member) -> "ReviewQuerySet":
        """Those that everybody may read, and the member's own."""
        return self.filter(Q(pk__in=Review.objects.visible().values("pk")) | Q(author=user))


class Review(models.Model):
    """What *author* says of *subject*, the other side of *award*: one to five stars and words. Written once, for good.

    ``of`` is the side on which the subject is reviewed.
    """

    class Of(models.TextChoices):
        EMPLOYER = "employer", gettext_lazy("as an employer")
        FREELANCER = "freelancer", gettext_lazy("as a freelancer")

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="reviews_written", db_index=False)
    subject = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="reviews_got", db_index=False)
    of = models.CharField(max_length=10, choices=Of)
    stars = models.SmallIntegerField(gettext_lazy("stars"))
    text = models.TextField(gettext_lazy("text"), max_length=LONGEST, blank=True)
    key = models.UUIDField(unique=True)
    written_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("review")
        verbose_name_plural = gettext_lazy("reviews")
        constraints = [
            models.UniqueConstraint(fields=["award", "author"], name="review_once_a_side"),
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="review_of_one_to_five_stars"),
            models.CheckConstraint(condition=~Q(author=F("subject")), name="review_of_somebody_else"),
        ]
        indexes = [models.Index(fields=["subject", "-id"], name="review_of_member")]

    def __str__(self) -> str:
        return f"{self.author} → {self.subject}"  # never what it says

    @classmethod
    @retried
    def write(cls, award: Award, *, by: Member, stars: int, text: str, key: uuid.UUID) -> "Review":
        """Write *by*'s review of the other side, while there is time. A repeat of *key* returns what was written.

        PermissionDenied for anybody who is no party; WrongState before completion, after the time, or a second time.
        Once both are in, both are told; before, the other side hears no more than that there is one.
        """
        with transaction.atomic():
            award = Award.locked(award.pk)
            if done := cls.objects.filter(key=key).first():
                if (done.award_id, done.author_id) != (award.pk, by.pk):
                    raise KeyConflict(f"key {key} was another review")
                return done  # type: ignore[no-any-return]
            cls.require(award, by)
            review = cls.objects.create(
                award=award,
                author=by,
                subject=award.freelancer if by.pk == award.employer_id else award.employer,
                of=cls.Of.FREELANCER if by.pk == award.employer_id else cls.Of.EMPLOYER,
                stars=stars,
                text=text,
                key=key,
            )
            if cls.objects.filter(award=award).count() == 2:
                award.told_of_reviews()
            else:
                notices.reviewed(review)
        return review  # type: ignore[no-any-return]

    @classmethod
    def require(cls, award: Award, by: Member) -> None:
        """Raise unless *by* may review the other side of *award* now."""
        if by.pk not in (award.employer_id, award.freelancer_id):
            raise PermissionDenied(_("Only the two sides of an award can review each other."))
        if award.state != Award.State.COMPLETED or award.review_by is None:
            raise WrongState(_("Both sides can review each other once the employer has marked the award complete."))
        if cls.objects.filter(award=award, author=by).exists():
            raise WrongState(_("You have written your review. It can't be changed."))
        if award.review_by <= timezone.now():
            raise WrongState(_("The time for reviews of this award is over."))


def tell_of_reviews(award: Award) -> bool:
    """Tell both sides once that the reviews of *award* can be read now, if there are any and they can.

    In a transaction of its own, for the job. Returns whether they were told.
    """
    with transaction.atomic():
        award = Award.locked(award.pk)
        over = award.review_by is not None and award.review_by <= timezone.now()
        if award.reviews_told_at or not over:
            return False
        award.told_of_reviews(any_there=Review.objects.filter(award=award).exists())
    return True


def remind_of_review(award: Award) -> int:
    """Remind whoever of *award* has not reviewed yet, once, while there is time; return how many were reminded."""
    with transaction.atomic():
        award = Award.locked(award.pk)
        if award.review_reminded_at or award.review_by is None or award.review_by <= timezone.now():
            return 0
        written = set(Review.objects.filter(award=award).values_list("author", flat=True))
        late = [member for member in (award.employer, award.freelancer) if member.pk not in written]
        for member in late:
            notices.review_due(award, member)
        award.review_reminded_at = timezone.now()
        award.save(update_fields=["review_reminded_at"])
    return len(late)
