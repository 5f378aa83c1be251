"""数据导入 · Files come in here, checked cell by cell before anything is written; each import can be undone."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import imports, page

page.begin(terms.IMPORTS, needs=Permission.IMPORT_RECORDS)
imports.desk()
imports.history()
