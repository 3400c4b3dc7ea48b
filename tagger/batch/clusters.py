"""joblib's backends for clusters, mended where they would wait for ever or take an error for a result.

Each function returns a backend that `joblib.parallel_config` takes.  joblib works in the client itself where it is told of one worker only;
a record that kills its worker would kill the run, so each of these says two.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any


def dask_backend(client: Any) -> Any:
    """Return joblib's Dask backend; a task whose workers died is told as failed (joblib's own, up to 1.6 at least, never hears of it)."""
    from joblib._dask import DaskDistributedBackend

    class Dask(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, super().effective_n_jobs(n_jobs))

        def submit(self, func: Any, callback: Any = None) -> Future:
            future = super().submit(func, callback)
            future.add_done_callback(lambda done: callback(done) if done.exception() is not None else None)
            return future

        def retrieve_result_callback(self, out: Any) -> Any:
            return out.result() if isinstance(out, Future) else super().retrieve_result_callback(out)

    return Dask(client=client)


def ray_backend() -> Any:
    """Return Ray's backend for joblib; errors are raised, not returned as results."""
    from ray.util.joblib.ray_backend import RayBackend

    class Ray(RayBackend):
        def retrieve_result_callback(self, result: Any) -> Any:
            if isinstance(result, BaseException):
                raise result
            return super().retrieve_result_callback(result)

    return Ray()


def spark_backend() -> Any:
    """Return joblib-spark's backend; errors are raised, not returned as results."""
    from joblib._utils import _retrieve_traceback_capturing_wrapped_call
    from joblibspark.backend import SparkDistributedBackend

    class Spark(SparkDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, super().effective_n_jobs(n_jobs))

        def retrieve_result(self, out: Any, timeout: float | None = None) -> Any:
            return _retrieve_traceback_capturing_wrapped_call(super().retrieve_result(out, timeout))

    return Spark()
