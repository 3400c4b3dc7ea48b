"""What is made up for other tests is used here too; processes started from here find it as well."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("review", "registry")]
