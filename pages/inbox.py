"""意见 · Opened by leads each morning and managers each week: what customers said, which suggestions wait, who is still to be told."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, inbox, page

page.begin(terms.INBOX, Permission.SERVICE_READ)
scope = filters.bar(money=False)
filters.look_back(scope, "score_on")

view = inbox.view(scope)
inbox.show(view, scope)
