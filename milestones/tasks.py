"""Jobs about milestones."""

from procrastinate.contrib.django import app

from milestones import standing
from milestones.months import fold_all


@app.periodic(cron="*/10 * * * *")
@app.task(queue="books", queueing_lock="fold-months", pass_context=False)
def fold_months(timestamp: int = 0) -> int:
    """Add what is an hour old to the months' totals; return up to which event they are added up."""
    return fold_all()


@app.periodic(cron="*/5 * * * *")
@app.task(queue="books", queueing_lock="refresh-standing", pass_context=False)
def refresh_standing(timestamp: int = 0) -> int:
    """Bring members' standing up to date (P3); return how many members were computed."""
    return standing.refresh()
