"""录入 · What people hear from customers goes in here: quick forms, scores by the dozen, and what I entered today."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import entry, page

page.begin(terms.ENTRY, needs=Permission.PROMISE_WRITE)
entry.desk()
