"""The demo company: invented, believable, the same on every machine. Its words are in `data/demo`, its stories in the README there."""

from lib.demo.build import BuildDemo, is_demo, is_empty
from lib.demo.company import SEED, demo_company
from lib.demo.learning import learn
from lib.demo.moments import END as DEMO_DATE
from lib.demo.people import DEMO_ACCOUNTS
from lib.demo.playing import play

__all__ = ["DEMO_ACCOUNTS", "DEMO_DATE", "SEED", "BuildDemo", "demo_company", "is_demo", "is_empty", "learn", "play"]
