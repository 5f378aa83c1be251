"""客户策略 · Opened when planning the week's calls: what each class of customers is owed, whom to be in touch with, whom to activate."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, strategy

page.begin(terms.STRATEGY, Permission.CUSTOMER_READ)
scope = filters.bar()
filters.look_back(scope)

if strategy.headline(scope):
    strategy.show(strategy.choose(), scope)
