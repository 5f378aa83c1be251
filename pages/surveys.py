"""调查 · Opened when a quarter's voice is to be heard, and each day a wave is out: whom to ask, who answered, whom to call."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import page, surveys

page.begin(terms.SURVEYS, Permission.SERVICE_READ)

surveys.show(*surveys.choose())
