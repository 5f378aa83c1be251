"""应收分析 · Opened weekly by managers and finance: what moved since the last meeting, who caused it, and what cash will come."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import behaviour, cash, filters, movement, page

page.begin(terms.RECEIVABLES, Permission.RECEIVABLE_READ)
scope = filters.bar()
view = movement.choose()

if movement.ready(scope):
    shows = {
        "bridge": movement.bridge,
        "migration": movement.migration,
        "trend": movement.trend,
        "behaviour": behaviour.show,
        "cash": cash.show,
    }
    shows[view](scope)
