"""What the tests of learning share."""

import pytest
from joblib import parallel_config
from made_encoder import made_encoder
from made_fit import made_fit

from tagger.coding.encoder import read_encoder


@pytest.fixture(scope="module", autouse=True)
def one_process():
    """Starting other processes takes longer than all there is to do here."""
    with parallel_config(backend="sequential"):
        yield


@pytest.fixture(scope="session")
def encoder(tmp_path_factory):
    return read_encoder(made_encoder(tmp_path_factory.mktemp("encoder") / "made"))


@pytest.fixture(scope="session")
def fit():
    with parallel_config(backend="sequential"):
        return made_fit()
