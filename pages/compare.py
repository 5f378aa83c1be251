"""对比 · Opened by managers who ask: compared with what, is it a signal, and who made the difference?"""

from lib import terms
from lib.domain.access import Permission
from lib.ui import compare, movers, page, six_twelve

page.begin(terms.COMPARE, Permission.METRIC_READ)
asked = compare.bar()

if compare.ready(asked):
    line = compare.metrics(asked)
    compare.restated(asked, line)
    movers.show(asked, line.metric)
    six_twelve.show(asked, line.metric)
