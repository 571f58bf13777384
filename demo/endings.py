"""How a finished award ends: the employer marks it complete, and most people write a review then (P7).

What happens here is decided by dice of its own, so that nothing else in the demo depends on it.
"""

import random
import uuid

from demo import talk
from demo.stage import Stage, Story, days, hours, minutes
from projects.models import Award, Review
from projects.models.awards import REMIND_BEFORE
from projects.models.reviews import remind_of_review, tell_of_reviews

# Of freelancers and of employers, by stars.
OF_FREELANCERS = {
    5: (
        "Everything on time, and every question answered the same day. I'd hire again without thinking twice.",
        "Careful, quick, and honest about what would take longer. The result is better than what I had asked for.",
        "I hardly had to explain anything. Good work, well documented.",
    ),
    4: (
        "Good work. The second part came a few days later than planned, but I knew of it early.",
        "Solid result and friendly to work with. Some rounds of corrections were needed.",
    ),
    3: ("The work is fine in the end. I had to ask for news more often than I would have liked.",),
    2: ("It took twice as long as agreed, and I finished the last details myself.",),
}
OF_EMPLOYERS = {
    5: (
        "Clear from the first day, and each milestone was released within hours. A pleasure.",
        "Knows what they want, gives feedback quickly and pays at once.",
        "Money was on hold before I started, every time. That is how it should be.",
    ),
    4: (
        "Good to work with. Answers took a day or two now and then.",
        "Fair and friendly; the brief could have been clearer at the start.",
    ),
    3: ("Many changes along the way, though all of them were paid for in the end.",),
    2: ("I waited more than a week for each answer.",),
}
STARS = (5, 5, 5, 5, 4, 4, 4, 3, 2)


def end(stage: Stage, award: Award) -> Story:
    """Some awards stay open for what may come; the others are completed and reviewed by both, by one, or by nobody."""
    dice = random.Random(f"{award.project.title} {award.freelancer.email}")
    if dice.random() < 0.25:
        return
    yield stage.clock.now + days(dice.uniform(0.5, 4))
    award = award.complete(by=award.employer, key=_key(award, "complete"))
    stage.enter(talk.farewell(stage, award), stage.clock.now + minutes(12))
    writers = [award.employer, award.freelancer]
    dice.shuffle(writers)
    for number, writer in enumerate(writers[: dice.choice((2, 2, 2, 1, 0))]):
        yield stage.clock.now + hours(dice.uniform(3, 90))
        words = OF_FREELANCERS if writer == award.employer else OF_EMPLOYERS
        stars = dice.choice(STARS)
        Review.write(award, by=writer, stars=stars, text=dice.choice(words[stars]), key=_key(award, f"review {number}"))
    if award.reviews.count() < 2 and award.review_by:
        yield award.review_by - REMIND_BEFORE + minutes(4)
        remind_of_review(award)
        yield award.review_by + minutes(4)
        tell_of_reviews(award)


def _key(award: Award, what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo award {award.pk} {what}")
