"""规则 · Opened when a rule is reviewed: what is in force and since when, what another one would change, and one click to publish it."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import company, page, policies

page.begin(terms.POLICIES, Permission.METRIC_READ)
kind = policies.choose()

policies.in_force(kind)
policies.editor(kind)
policies.history(kind)
company.way()
