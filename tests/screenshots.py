"""Pictures of every page × language × theme × width, of the demo company: `python tests/screenshots.py OUTDIR`.

`python tests/screenshots.py --readme` makes the six of the README in docs/images. Needs playwright and a Chromium, which MINGZHANG_CHROMIUM
may name.
"""

# ruff: noqa: E402 (run as a script, it first has to find the house)
from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from server import ROOT, Server

from lib.cli.demo import build
from lib.text import LANGUAGES, Language
from lib.ui.shell import MENU

Theme = Literal["light", "dark"]
WIDTHS: Final = {"desk": (1440, 900), "phone": (390, 844)}
ACCOUNT: Final = os.environ.get("MINGZHANG_SCREENSHOT_ACCOUNT", "manager")
IMAGES: Final = ROOT / "docs" / "images"
_TALLEST: Final = 5000
_READY: Final = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_SKELETON: Final = '[data-testid="stSkeleton"]'
_CHROMIUM: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a page as one reader sees it."""

    page: str
    language: Language
    theme: Theme
    width: str
    query: str = ""
    height: int | None = None

    @property
    def name(self) -> str:
        """Its file name, by which it sorts; a view of the page other than its first is named."""
        view = self.query.rpartition("=")[2] if self.page in VIEWS else ""
        return "-".join(filter(None, (self.page, view, self.language, self.theme, self.width))) + ".png"


PAGES: Final = [page.name for page in MENU if page.path.exists()]
QUERIES: Final = {"customer": "?customer=983"}
"""The customer of whom the demo company has most to tell: the one that slips."""
VIEWS: Final = {
    "review": ("mode=live", "mode=close", "mode=archive"),
    "billing": ("view=issued", "view=correct", "view=outbox"),
    "approvals": ("view=stopped", "view=lost", "view=rates"),
    "receivables": ("view=migration", "view=trend", "view=behaviour", "view=cash"),
    "collect": ("view=soon", "view=held", "view=done"),
}
"""What else a page shows when its switch is turned."""
README: Final = (
    Shot("overview", "zh", "light", "desk", height=1100),
    Shot("overdue", "en", "light", "desk", height=1100),
    Shot("review", "zh", "light", "desk", "?mode=live", 1000),
    Shot("satisfaction", "en", "dark", "desk", height=1000),
    Shot("customer", "zh", "light", "desk", QUERIES["customer"], 1000),
    Shot("overview", "zh", "dark", "phone", height=1200),
)


def every() -> Iterator[Shot]:
    """All pages in all languages, themes and widths; the language changes least often, because each change is a click."""
    for language in LANGUAGES:
        for page in PAGES:
            for width in WIDTHS:
                for theme in ("light", "dark"):
                    for query in (QUERIES.get(page, ""), *(f"?{view}" for view in VIEWS.get(page, ()))):
                        yield Shot(page, language, theme, width, query)


def take(shots: Iterable[Shot], folder: Path) -> None:
    """Sign in as a demo account and write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as url, chromium() as browser:
        state = sign_in(browser, url)
        spoken: Language | None = None
        for shot in sorted(shots, key=lambda shot: LANGUAGES.index(shot.language)):
            if shot.language != spoken:
                speak(browser, url, state, shot.language)
                spoken = shot.language
            began = time.monotonic()
            (folder / shot.name).write_bytes(compressed(picture(browser, url, state, shot)))
            print(f"{shot.name} {time.monotonic() - began:.1f} s")  # noqa: T201 (a script's progress)


@contextmanager
def running() -> Iterator[str]:
    """The address of a server over a fresh demo company; MINGZHANG_URL names one that already runs."""
    if url := os.environ.get("MINGZHANG_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "demo.duckdb"
        build(ledger, learned=True)
        with Server(ledger) as server:
            yield server.url


def installed() -> str | None:
    """The browser MINGZHANG_CHROMIUM names, else the system's, else playwright's own."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return os.environ.get("MINGZHANG_CHROMIUM") or next(filter(None, found), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=list(_CHROMIUM))
        yield browser
        browser.close()


def sign_in(browser: Browser, url: str) -> Any:
    """Fill in the form; what comes back holds the cookie."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(url)
    ready(page)
    page.locator("input").nth(0).fill(ACCOUNT)
    page.locator("input[type=password]").fill(f"mingzhang-demo-{ACCOUNT}")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-testid="stSidebar"]')
    ready(page)
    state = context.storage_state()
    context.close()
    return state


def speak(browser: Browser, url: str, state: Any, language: Language) -> None:
    """Switch the account's language, as the person would."""
    context = browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)
    ready(page)
    page.locator(".st-key-my_language").get_by_text({"zh": "中文", "en": "English"}[language]).click()
    ready(page)
    context.close()


def picture(browser: Browser, url: str, state: Any, shot: Shot) -> bytes:
    """The whole page, however long it is."""
    context = opened(browser, state, shot)
    page = context.new_page()
    page.goto(f"{url}/{'' if shot.page == MENU[0].name else shot.page}{shot.query}")
    ready(page)
    width = WIDTHS[shot.width][0]
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": shot.height or min(max(int(tall), WIDTHS[shot.width][1]), _TALLEST)})
    ready(page)
    taken = page.screenshot()
    context.close()
    return taken


def opened(browser: Browser, state: Any, shot: Shot) -> BrowserContext:
    """A browser of the shot's width, theme and language."""
    width, height = WIDTHS[shot.width]
    return browser.new_context(
        storage_state=state,
        viewport={"width": width, "height": height},
        color_scheme=shot.theme,
        locale={"zh": "zh-CN", "en": "en-GB"}[shot.language],
        is_mobile=shot.width == "phone",
        device_scale_factor=1,
    )


def ready(page: Page) -> None:
    """Wait until the script has run and the charts are drawn."""
    page.wait_for_timeout(400)
    page.wait_for_selector(_READY, timeout=60_000)
    page.wait_for_selector(_SKELETON, state="detached", timeout=60_000)
    page.wait_for_timeout(900)


def compressed(taken: bytes) -> bytes:
    """The same picture with 256 colours: a third of the size, no difference to the eye."""
    out = BytesIO()
    Image.open(BytesIO(taken)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    (given,) = sys.argv[1:] or [""]
    if given == "--readme":
        take((shot for shot in README if shot.page in PAGES), IMAGES)
    elif given:
        take(every(), Path(given))
    else:
        sys.exit(__doc__)
