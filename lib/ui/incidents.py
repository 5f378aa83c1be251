"""What went wrong, for the log: a number the person is told, and the traceback without anybody's data."""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from typing import Final

_LOG: Final = logging.getLogger("mingzhang")


def noted(error: Exception) -> str:
    """Write an error down. Returns the incident's number."""
    incident = secrets.token_hex(4).upper()
    _LOG.error("incident %s\n%s", incident, impersonal("".join(traceback.format_exception(error))))
    return incident


def impersonal(trace: str) -> str:
    """A traceback without quoted values and long numbers: a log is no place for customers' data."""
    return re.sub(r"'[^'\n]*'|(?<!File )\"[^\"\n]*\"|\d{5,}", "…", trace)
