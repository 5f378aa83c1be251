"""Shared fixtures: an empty ledger, people to act, one date."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import facts
import ledgers
import pytest
import signin
import streamlit as st
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner

from lib.demo import SEED, BuildDemo, learn, play
from lib.domain.access import SYSTEM
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.ui import page, session

# How long an example takes says how busy the machine is; speed is the benchmark's business.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
# For each page that a test opens Streamlit reads what every installed package says of itself, to find components. They stay the same.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def _as_in_the_app(code: Any, names: dict[str, Any]) -> None:
    """A page file that a test runs by itself lasts one run, as it does under the app: else each sentence looks up who is there."""
    alone = Path(names.get("__file__", "")).parent == page.FOLDER
    with session.run() if alone else nullcontext():
        exec(code, names)  # noqa: S102 (as Streamlit does)


script_runner.__dict__["exec"] = _as_in_the_app


def pytest_collection_finish() -> None:
    """What was imported and collected stays: it is not looked through again each time something is to be thrown away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """An empty, migrated ledger in memory."""
    with ledgers.fresh() as opened:
        yield opened


@pytest.fixture(scope="session")
def template_ledger() -> Path:
    """A ledger file with one person per role, built once; copy it, never open it."""
    return ledgers.made(signin.add_people)


@pytest.fixture(scope="session")
def demo_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's file as people get it, built once for all processes of a run; copy it, never open it."""
    return _demo(tmp_path_factory, learned=True)


@pytest.fixture(scope="session")
def bare_demo_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without models fitted and reviews held; copy it, never open it."""
    return _demo(tmp_path_factory, learned=False)


def _demo(tmp_path_factory: pytest.TempPathFactory, *, learned: bool) -> Path:
    """As `lib.cli.demo.build` makes it, in two steps: the years before its last two months are the same in both."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def begun(ledger: Ledger) -> None:
        execute(ledger, SYSTEM, BuildDemo(SEED))

    def lived(ledger: Ledger) -> None:
        play(ledger, reviewed=learned)
        if learned:
            learn(ledger)

    return _once(folder / f"demo-{learned}.duckdb", lived, lambda: _once(folder / "demo.duckdb", begun))


def _once(path: Path, seed: ledgers.Seed, like: Callable[[], Path] = ledgers.made) -> Path:
    """A closed ledger made by the first process of a run that asks for it."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            building = path.with_suffix(".building")
            shutil.copy(like(), building)
            with Ledger(building) as opened:
                seed(opened)
            building.rename(path)
    return path


@pytest.fixture
def house(template_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """A copy of the template ledger as the app opens it, for AppTest: pages run in this process and see the same rows."""
    with _opened(template_ledger, tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def opens(template_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ledgers.Opens]:
    """The same with what a seed writes, for tests that all begin with it: `opens(desk.furnish)`."""
    with ExitStack() as closed:
        yield lambda seed: closed.enter_context(_opened(ledgers.made(seed, template_ledger), tmp_path, monkeypatch))


@pytest.fixture(scope="module")
def company_on_show(template_ledger: Path) -> Iterator[Ledger]:
    """The people of the template ledger and the company of `facts.company`, for a module's tests that only look."""
    with ledgers.fresh(facts.company_alone, like=template_ledger) as opened:
        st.cache_data.clear()
        st.cache_resource.clear()
        yield opened


@pytest.fixture
def on_show(company_on_show: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """It is what the app has open: what one test asked is answered for the next."""
    monkeypatch.setattr(session, "_opened", lambda _: company_on_show)
    return company_on_show


@contextmanager
def _opened(template: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    path = folder / "ledger.duckdb"
    shutil.copy(template, path)
    monkeypatch.setenv("MINGZHANG_LEDGER", str(path))
    st.cache_data.clear()
    st.cache_resource.clear()
    opened = session.ledger()
    yield opened
    opened.close()
    st.cache_data.clear()
    st.cache_resource.clear()
