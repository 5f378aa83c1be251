"""周会 · Opened by managers and their teams before, in and after the weekly meeting: what moved, why, and who does what by when."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import board, page, review, review_close, review_live, review_prep

page.begin(terms.REVIEW, Permission.METRIC_READ)
found = review.opened()
{"prep": review_prep.show, "live": review_live.show, "close": review_close.show}[review.mode()](found)
board.behind(found.scope)
