"""客户价值 · Opened by the manager each quarter: who brings the money, who will, where it is at risk, and whether to believe the models."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, trials, value

page.begin(terms.CUSTOMER_VALUE, Permission.CUSTOMER_READ)
scope = filters.bar()
filters.look_back(scope)

if value.headline(scope):
    value.spread(scope)
    value.customers(scope)
    value.groups(scope)
    trials.show(scope)
