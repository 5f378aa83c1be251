"""`python -m lib.metrics` prints docs/METRICS.md: every metric with its definition, from the catalog."""

from __future__ import annotations

import sys

from lib.metrics.document import page

if __name__ == "__main__":
    sys.stdout.write(page())
