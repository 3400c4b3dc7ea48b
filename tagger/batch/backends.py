"""Where shards are worked on: this process, processes or threads of this machine, or a cluster, by joblib's own backends."""

from __future__ import annotations

import os
import re
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from tagger.errors import InputError

PATIENCE = 20  # seconds for a scheduler to answer
BACKENDS = ("loky", "threading", "dask", "ray", "spark")
_EXTRA = "`--backend {0}` needs the extra `{0}`: pip install 'case-tagger[{0}]'"


@dataclass(frozen=True, slots=True)
class Backend:
    """How many workers, of which kind, and the address of a scheduler where one is needed.

    Parameters
    ----------
    name : {"loky", "threading", "dask", "ray", "spark"}
    jobs : int
        Shards at a time; 1 with loky or threading: in this process, without workers; 0 with a scheduler: as many as its workers take.
    scheduler : str
        Address of a Dask scheduler (``tcp://host:8786``), a Ray head (``auto``, ``ray://host:10001``) or a Spark master (``spark://host:7077``,
        ``local[2]``); '' where the library is to find it or to start a cluster on this machine.
    """

    name: str = "loky"
    jobs: int = 1
    scheduler: str = ""

    def __post_init__(self) -> None:
        if self.name not in BACKENDS:
            raise InputError(f"no backend {self.name!r}; there are {', '.join(BACKENDS)}")
        if self.jobs < (0 if self.scheduler else 1):
            raise InputError(f"{self.jobs} jobs; 1 or more")
        if self.scheduler and self.name in ("loky", "threading"):
            raise InputError(f"--scheduler {self.scheduler}: the backend {self.name} has none; choose it with --backend dask, ray or spark")

    @property
    def elsewhere(self) -> bool:
        """Whether workers may be on other machines, or stand in another folder."""
        return self.name in ("dask", "ray", "spark")

    @property
    def in_process(self) -> bool:
        """Whether shards are worked on one by one in this process."""
        return self.jobs == 1 and self.name in ("loky", "threading")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Make this the backend of `joblib.Parallel` within the block; a cluster that was started for it ends with it.

        Raises
        ------
        InputError
            Where a library is missing, or the scheduler does not answer.
        """
        import joblib

        _check_answers(self.scheduler)
        begin = {"dask": _dask, "ray": _ray, "spark": _spark}.get(self.name, _local)
        with _quiet() if self.elsewhere else nullcontext(), begin(self) as backend, joblib.parallel_config(backend=backend, n_jobs=self.jobs or -1):
            yield


def _check_answers(address: str) -> None:
    """Raise InputError where nobody listens at an address; the libraries themselves go on asking for minutes."""
    found = re.fullmatch(r"(?:\w+://)?([^/,:]+|\[[^]]+\]):(\d{1,5})/?", address)
    if found is None:  # a name that the library resolves ("auto", "local[2]", several masters)
        return
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise InputError(f"--scheduler {address}: no scheduler answers there ({_short(error)})") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Let nobody log: a cluster's libraries tell every lost connection with its traceback, and what matters comes to us as errors."""
    import logging

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _local(backend: Backend) -> Iterator[Any]:
    yield backend.name


@contextmanager
def _dask(backend: Backend) -> Iterator[Any]:
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError(_EXTRA.format("dask")) from None
    from tagger.batch.clusters import dask_backend

    if backend.scheduler:
        if not re.search(r":\d+", backend.scheduler):
            raise InputError(f"--scheduler {backend.scheduler}: no Dask scheduler answers there; an address is as tcp://host:8786")
        try:
            client = Client(backend.scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(f"--scheduler {backend.scheduler}: no Dask scheduler answers there ({_short(error)})") from None
        with client:
            if not client.scheduler_info(n_workers=-1)["workers"]:
                raise InputError(f"--scheduler {backend.scheduler}: this Dask scheduler has no workers; start some (dask worker {backend.scheduler})")
            yield dask_backend(client)
        return
    config = {"distributed.scheduler.allowed-failures": 0}  # that a record is deadly is found out by us
    options = {"n_workers": backend.jobs, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with dask.config.set(config), LocalCluster(**options) as cluster, Client(cluster) as client:
        yield dask_backend(client)


@contextmanager
def _ray(backend: Backend) -> Iterator[Any]:
    if not backend.scheduler:
        os.environ.setdefault("RAY_AUTH_MODE", "token")  # Ray's own default from 2.59 on
    try:
        import ray
    except ImportError:
        raise InputError(_EXTRA.format("ray")) from None
    from tagger.batch.clusters import ray_backend

    try:
        if backend.scheduler:
            ray.init(address=backend.scheduler, log_to_driver=False, configure_logging=False)
        else:
            from ray._private import ray_constants

            ray_constants.ENABLE_RAY_CLUSTER = False  # as Ray itself has it on macOS and Windows: all its servers listen on this machine only
            ray.init(num_cpus=max(2, backend.jobs), include_dashboard=False, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"--scheduler {backend.scheduler}: no Ray cluster answers there ({_short(error)})") from None
    try:
        yield ray_backend()
    finally:
        ray.shutdown()


@contextmanager
def _spark(backend: Backend) -> Iterator[Any]:
    try:
        import joblibspark  # noqa: F401
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError(_EXTRA.format("spark")) from None
    from tagger.batch.clusters import spark_backend

    warnings.filterwarnings("ignore", module="joblibspark|pyspark")
    master = backend.scheduler or f"local[{max(2, backend.jobs)}]"
    options = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "OFF"}
    if master.startswith("local"):  # this machine only, with this Python
        options |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        session = SparkSession.builder.master(master).appName("tagger").config(map=options).getOrCreate()
    except Exception as error:  # py4j's and pyspark's own, of many kinds
        raise InputError(f"--scheduler {master}: Spark does not begin there ({_short(error)}); it needs Java 17 and a master that answers") from None
    try:
        yield spark_backend()
    finally:
        session.stop()


def _short(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
