"""Jobs about milestones."""

from procrastinate.contrib.django import app

from milestones.months import fold_all


@app.periodic(cron="*/10 * * * *")
@app.task(queue="books", queueing_lock="fold-months", pass_context=False)
def fold_months(timestamp: int = 0) -> int:
    """Add what is an hour old to the months' totals; return up to which event they are added up."""
    return fold_all()
