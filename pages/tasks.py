"""任务 · Opened first thing in the morning and between two visits: what is late, what is for today, what a colleague should take."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import filters, page, tasks

page.begin(terms.TASKS, needs=Permission.SERVICE_READ)
scope = filters.bar(money=False)
tasks.desk(scope)
