"""客户分类 · Opened before planning a quarter: who buys how often, how much and pays how, and who has moved."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import classes, filters, page

page.begin(terms.CLASSIFICATION, Permission.CUSTOMER_READ)
scope = filters.bar()
filters.look_back(scope)

if classes.headline(scope):
    classes.matrices(scope)
    classes.customers(scope)
    classes.changes(scope)
    classes.rule(scope)
