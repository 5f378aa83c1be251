"""周会 · Opened by managers and their teams before, in and after the weekly meeting: what moved, why, and who does what by when."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import board, page, review, review_archive, review_close, review_live, review_prep

page.begin(terms.REVIEW, Permission.METRIC_READ)
found = review.opened()
match review.mode():
    case "prep":
        review_prep.show(found)
    case "live":
        review_live.show(found)
    case "close":
        review_close.show(found)
    case _:
        review_archive.show(found.view)
board.behind(found.scope)
