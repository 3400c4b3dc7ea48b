"""What is made up for other tests is used here too; processes started from here find it as well."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("review", "registry")]


@pytest.fixture(scope="package")
def there():
    """Two processes that try points."""
    from harness import CannotTrace
    from points import bank

    with bank() as there:
        try:
            there.points("naive")
        except CannotTrace as problem:
            pytest.skip(str(problem))
        yield there
