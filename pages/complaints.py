"""投诉 · Opened first thing by who answers customers, and before the service review: what is late, whose turn it is, why it happens."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import complaint_panel, complaints, filters, page

page.begin(terms.COMPLAINTS, Permission.SERVICE_READ)
scope = filters.bar(money=False)
view = complaints.view()

if view == "queues":
    complaints.queues(scope)
    complaint_panel.opened(page.asked_number("case"))
elif view == "causes":
    complaints.analysis(scope)
else:
    complaints.groups(scope)
