"""Makes things for tests through the models' own verbs."""

import factory

from accounts.models import Member


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
