"""订阅 · Opened once in a while by anyone: what am I to be told without looking, when was it last looked at, and why did it speak."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import page, subscriptions

page.begin(terms.SUBSCRIPTIONS, Permission.METRIC_READ)

left, right = page.halves()
with left:
    subscriptions.mine()
    subscriptions.add()
with right:
    subscriptions.address()
    subscriptions.log()
