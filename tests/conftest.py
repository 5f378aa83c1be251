"""Shared fixtures: an empty ledger, people to act, one date."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import ledgers
import pytest
import signin
import streamlit as st
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner

from lib.cli.demo import build
from lib.store.ledger import Ledger
from lib.ui import session

# How long an example takes says how busy the machine is; speed is the benchmark's business.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
# For each page that a test opens Streamlit reads what every installed package says of itself, to find components. They stay the same.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """An empty, migrated ledger in memory."""
    with ledgers.fresh() as opened:
        yield opened


@pytest.fixture(scope="session")
def template_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger file with one person per role, built once; copy it, never open it."""
    path = tmp_path_factory.mktemp("template") / "ledger.duckdb"
    with Ledger(path) as opened:
        signin.add_people(opened)
        opened.checkpoint()
    return path


@pytest.fixture(scope="session")
def demo_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's file as people get it, built once for all processes of a run; copy it, never open it."""
    return _demo(tmp_path_factory, learned=True)


@pytest.fixture(scope="session")
def bare_demo_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without models fitted and reviews held; copy it, never open it."""
    return _demo(tmp_path_factory, learned=False)


def _demo(tmp_path_factory: pytest.TempPathFactory, *, learned: bool) -> Path:
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    path = folder / f"demo-{learned}.duckdb"
    with (folder / f"demo-{learned}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            build(path, learned=learned)
    return path


@pytest.fixture
def house(template_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """A copy of the template ledger as the app opens it, for AppTest: pages run in this process and see the same rows."""
    path = tmp_path / "ledger.duckdb"
    shutil.copy(template_ledger, path)
    monkeypatch.setenv("MINGZHANG_LEDGER", str(path))
    st.cache_data.clear()
    st.cache_resource.clear()
    opened = session.ledger()
    yield opened
    opened.close()
    st.cache_data.clear()
    st.cache_resource.clear()
