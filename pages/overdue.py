"""逾期 · Opened each morning by account managers and finance: who owes what since when, whom to call first and with which next step."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, receivables

page.begin(terms.OVERDUE, Permission.RECEIVABLE_READ)
scope = filters.bar(edges=True)

if receivables.headline(scope):
    receivables.ageing(scope)
    customer = receivables.debtors(scope)
    invoice = receivables.open_invoices(customer, scope) if customer else None
    if invoice:
        receivables.postings(invoice)
