"""满意度 · Opened before service reviews: is it really better or worse, where, whom do we hear, and is every low score called back."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, satisfaction, satisfaction_coverage, satisfaction_journey, satisfaction_where, themes

page.begin(terms.SATISFACTION, Permission.SERVICE_READ)
scope = filters.bar(money=satisfaction.shows_money())
filters.look_back(scope, "score_on")
chosen = satisfaction.choose(scope)

if chosen:
    view = satisfaction.view()
    if view == "trend":
        satisfaction.trend(chosen, scope)
    elif view == "where":
        satisfaction_where.show(chosen, scope)
    elif view == "voices":
        satisfaction.low_scores(chosen, scope)
        themes.trend(scope)
    elif view == "coverage":
        satisfaction_coverage.show(scope)
    else:
        satisfaction_journey.show(scope)
