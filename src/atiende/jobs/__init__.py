"""The loops that run background work. Slices enqueue through `store`."""

from atiende.jobs.forever import run_forever
from atiende.jobs.run import run_jobs, work_once

__all__ = ["run_forever", "run_jobs", "work_once"]
