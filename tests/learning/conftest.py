"""What the tests of learning share."""

import pytest
from joblib import parallel_config


@pytest.fixture(scope="module", autouse=True)
def one_process():
    """Starting other processes takes longer than all there is to do here."""
    with parallel_config(backend="sequential"):
        yield
