"""开票 · Opened by finance at each month's end: what is to be billed, what looks odd, what was billed, and what has to be set right."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import billing, corrections, filters, invoices, outbox, page

page.begin(terms.BILLING, Permission.RECEIVABLE_READ)
view = billing.choose()

if view == "draft":
    billing.desk()
elif view == "issued":
    invoices.desk(filters.bar())
elif view == "correct":
    corrections.desk()
else:
    outbox.listing()
