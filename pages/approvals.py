"""审批 · Opened daily by managers, and by finance to propose: what waits for a second person, who is stopped, what is lost."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import approvals, bad_debt, page, rates, stops

page.begin(terms.APPROVALS, Permission.PROPOSE)
view = approvals.choose()

if view == "waiting":
    approvals.desk()
elif view == "stopped":
    stops.desk()
elif view == "lost":
    bad_debt.desk()
else:
    rates.desk()
