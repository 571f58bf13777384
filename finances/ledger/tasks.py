"""Jobs about the books."""

import logging

from procrastinate.contrib.django import app

from finances.ledger.verification import verify_and_record

logger = logging.getLogger(__name__)


@app.periodic(cron="17 * * * *")
@app.task(queue="books", queueing_lock="verify-ledger", pass_context=False)
def verify_ledger(timestamp: int = 0) -> int:
    """Recompute the books every hour, record the result, log what disagrees; return how much does."""
    result = verify_and_record()
    for difference in result.differences:
        logger.error("The books disagree (%s): %s", difference["check"], difference["sentence"])
    return len(result.differences)
