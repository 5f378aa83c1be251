"""管理: people, audit and backups."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import administration, page

page.begin(terms.ADMINISTRATION, needs=Permission.AUDIT_READ)
administration.corners()
