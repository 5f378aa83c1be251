"""银行对账 · Opened by finance each morning: every bank line with what it most likely pays, until none is left and the totals agree."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import bank, page

page.begin(terms.BANK, needs=Permission.BANK_READ)
bank.desk()
