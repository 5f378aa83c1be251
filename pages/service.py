"""服务 · Opened first thing and after every call: what is late, what is due soon, whose turn it is, and are we keeping our times."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, service, service_request, working_calendar

page.begin(terms.SERVICE, Permission.SERVICE_READ)
scope = filters.bar(money=False)
working_calendar.warn()
view = service.view()

if view == "queues":
    service.queues(scope)
    service_request.opened(service.now_at())
elif view == "new":
    service_request.new()
elif view == "levels":
    service.levels(scope)
else:
    working_calendar.show()
