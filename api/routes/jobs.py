"""`/v1/jobs`: what becomes of large uploads, which are answered before they are added."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.context import TheJobs
from api.http.problems import documented
from api.schemas import Job, JobList

router = APIRouter(tags=["documents"])


@router.get("/v1/jobs", responses=documented(422, 503), response_model_exclude_defaults=True)
def list_jobs(
    jobs: TheJobs,
    limit: Annotated[int, Query(ge=1, le=1000, description="most jobs to return")] = 100,
) -> JobList:
    """The jobs, the newest first."""
    return JobList(jobs=[Job.of(one) for one in jobs.jobs(limit)])


@router.get(
    "/v1/jobs/{job_id}", responses=documented(404, 503), response_model_exclude_defaults=True
)
def get_job(job_id: str, jobs: TheJobs) -> Job:
    """One job: how far it is, and what has become of its documents."""
    return Job.of(jobs.job(job_id))


@router.delete(
    "/v1/jobs/{job_id}", responses=documented(403, 404, 503), response_model_exclude_defaults=True
)
def cancel_job(job_id: str, jobs: TheJobs) -> Job:
    """Cancel a job: no more of it is added, and what is stored by now stays. One that is over is as
    it was."""
    return Job.of(jobs.cancel(job_id))
