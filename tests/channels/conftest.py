"""Hypothesis keeps what it learns in the run's own folder, and leaves nothing in the checkout."""

import os
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(os.environ["ATIENDE_TEST_RUN"]) / "hypothesis")
