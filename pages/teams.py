"""团队 · Opened before a talk with a team: on which number does it differ by more than chance, and what should be asked about."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, teams

page.begin(terms.TEAMS, Permission.METRIC_READ)
scope = filters.bar()
filters.look_back(scope)
teams.show(scope)
