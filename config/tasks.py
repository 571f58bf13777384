"""Jobs that keep the house clean."""

from typing import Any

from procrastinate.contrib.django import app

from django.core.management import call_command

KEEP_DONE_JOBS_HOURS = 7 * 24


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: Any, timestamp: int) -> None:
    """Queue the jobs again whose worker was killed, so that nothing is lost with it."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="remove_done_jobs", pass_context=True)
async def remove_done_jobs(context: Any, timestamp: int) -> None:
    """Forget the jobs that were done a week ago. Failed ones stay until somebody has looked at them."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_DONE_JOBS_HOURS)


@app.periodic(cron="27 3 * * *")
@app.task(queueing_lock="remove_old_sessions")
def remove_old_sessions(timestamp: int) -> None:
    """Forget sessions that have ended."""
    call_command("clearsessions")
