"""满意度 · Opened before service reviews: do customers like us more or less, who does not, and has somebody called them back."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, satisfaction

page.begin(terms.SATISFACTION, Permission.SERVICE_READ)
scope = filters.bar(money=False)
filters.look_back(scope, "score_on")
chosen = satisfaction.choose(scope)

if chosen:
    satisfaction.headline(chosen, scope)
    left, right = page.halves()
    with left:
        satisfaction.trend(chosen, scope)
    with right:
        satisfaction.groups(chosen, scope)
    satisfaction.low_scores(scope)

satisfaction.complaints(scope)
