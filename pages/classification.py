"""客户分类 · Opened before planning a quarter: who buys how often and how much, who has moved, and what other cuts would change."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import class_groups, class_moves, classes, filters, page

page.begin(terms.CLASSIFICATION, Permission.CUSTOMER_READ)
scope = filters.bar()
filters.look_back(scope)
view = classes.choose()

if classes.headline(scope):
    shows = {"now": classes.now, "moves": class_moves.show, "groups": class_groups.show, "lab": classes.lab}
    shows[view](scope)
