"""经营看板 · Opened by everyone at the start of the day: is the house better or worse than last week, and what needs me first."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import board, exceptions, filters, page, promised, tasks

page.begin(terms.OVERVIEW, Permission.METRIC_READ)
scope = filters.bar()
filters.look_back(scope)

readings = board.look(scope)
board.headline(readings, scope)
board.behind(scope)
left, right = page.halves(0.8)
with left:
    tasks.waiting()
    exceptions.show(scope)
    promised.show(scope)
with right:
    board.cards(readings, scope)
board.voices(readings, scope)
exceptions.changes()
