"""What is written down and what is there cannot part: the README's commands, links, examples, and its other language."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.util import cache_from_source
from pathlib import Path

import pytest
import readme
from readme import CHINESE, ENGLISH, OPERATIONS, ROOT
from test_house import tracked

from lib.cli.report import COLUMNS
from lib.commands import importing
from lib.demo import DEMO_ACCOUNTS

READMES = [ENGLISH, CHINESE]
GUIDES = sorted(path for path in tracked() if path.suffix == ".md")
MOST_LINES = 320


def headings(path: Path) -> list[str]:
    """The level of each heading, in order."""
    prose = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^(#+) ", prose, re.MULTILINE)


def shape(path: Path) -> list[tuple[int, int]]:
    """Columns and rows of each table, in order."""
    tables = re.findall(r"(?:^\|.*\n)+", path.read_text("utf-8"), re.MULTILINE)
    return [(table.splitlines()[0].count("|"), table.count("\n")) for table in tables]


def test_every_file_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    named = re.findall(r"`((?:lib|pages|tests|docs|data)/[\w/.]+|\w+\.py)`", text)
    assert len(named) > 30
    assert [name for name in named if not ((ROOT / name).exists() or (ROOT / "lib" / name).exists())] == []


def test_the_steps_of_an_import_are_told_in_the_order_of_the_tables_they_make() -> None:
    told = re.findall(r"`(\w+)`", " ".join(re.findall(r"^- (.+?): ", importing.__doc__ or "", re.MULTILINE)))
    source = "\n".join(path.read_text("utf-8") for path in Path(importing.__file__).parent.glob("*.py"))
    made = set(re.findall(r"temp table (\w+)", source)) | set(re.findall(r'lend\(cursor, "(\w+)"', source))
    assert len(told) > 9
    assert set(told) <= made


def test_both_readmes_have_the_same_parts() -> None:
    assert headings(CHINESE) == headings(ENGLISH)
    assert shape(CHINESE) == shape(ENGLISH)
    assert CHINESE.read_text("utf-8").count("\n- ") == ENGLISH.read_text("utf-8").count("\n- ")


def test_both_readmes_have_the_same_blocks_going_into_the_same_files() -> None:
    assert readme.blocks(CHINESE) == readme.blocks(ENGLISH)


def test_the_readme_stays_readable_in_one_sitting() -> None:
    assert len(ENGLISH.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", GUIDES, ids=[str(path.relative_to(ROOT)) for path in GUIDES])
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", GUIDES, ids=[str(path.relative_to(ROOT)) for path in GUIDES])
def test_make_targets_and_verbs_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^|/)make ([a-z]+)", text, re.MULTILINE)) <= targets
    source = "\n".join(file.read_text("utf-8") for file in (ROOT / "lib" / "cli").glob("*.py"))
    verbs = set(re.findall(r'verbs\.add_parser\("(\w+)"', source))
    assert set(re.findall(r"python -m lib ([a-z]\w*)", text)) <= verbs


@pytest.mark.parametrize("path", READMES, ids=["en", "zh"])
def test_tables_say_what_the_house_says(path: Path) -> None:
    text = path.read_text("utf-8")
    for account in DEMO_ACCOUNTS:
        assert f"| `{account.username}` | `{account.password}` |" in text
    for name, columns in COLUMNS.items():
        assert f"| `{name}` | {', '.join(columns)} |" in text


@pytest.mark.parametrize("path", [ENGLISH, CHINESE, OPERATIONS], ids=["en", "zh", "operations"])
def test_settings_and_options_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    source = "\n".join(file.read_text("utf-8") for file in (ROOT / "lib").rglob("*.py"))
    named = set(re.findall(r"MINGZHANG_\w+", text)) | {f'"{option}"' for option in re.findall(r"--[a-z]+(?:-[a-z]+)*", text)}
    assert sorted(name for name in named - {'"--help"'} if name not in source) == []


def test_worked_examples_work_and_the_house_still_stands(tmp_path: Path) -> None:
    for path in tracked():
        _copy(path, tmp_path / path.relative_to(ROOT))
    touched = readme.apply(ENGLISH, tmp_path)
    ours = [str(path) for path in touched if path.suffix == ".py"]
    files = ["readme_examples", "test_house", "test_metrics", "test_sql_contracts", "test_matrix"]
    (tmp_path / "docs" / "METRICS.md").write_text(_said(tmp_path, "lib.metrics"), "utf-8")
    _said(tmp_path, "ruff", "check", *ours)
    _said(tmp_path, "ruff", "format", "--check", *ours)
    chosen = " or ".join(["readme_examples", *(f"({about})" for about in _about(str(path.relative_to(tmp_path)) for path in touched))])
    _said(tmp_path, "pytest", "-p", "no:cacheprovider", "-k", chosen, *(f"tests/{name}.py" for name in files))


def _copy(path: Path, target: Path) -> None:
    """A file, with what Python has made of it already: compiling every module again costs more than most tests."""
    compiled = Path(cache_from_source(str(path)))
    for source, to in ((path, target), (compiled, Path(cache_from_source(str(target))))):
        if source.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, to)


def _about(touched: Iterable[str]) -> Iterator[str]:
    """Which tests of the house can fail by what was put into it: those of a file or name that is new, and those of all at once.

    The others look at one file, metric or command that the examples leave as it is, and have said what they say of it in this tree.
    """
    yield f"test_house and ({' or '.join([*touched, 'loads', 'the_map', 'asked_somewhere'])})"
    yield "test_metrics and (credited_amount or filtered or groups_add or only_flows or company_has)"
    yield "test_sql_contracts and (due_promises or metric_asks or said_once or every_table or every_macro)"
    yield "test_matrix and (due_promises or says[promises] or StopContact or sample or on_the_menu or own-1] or team-12)"


def _said(root: Path, *command: str) -> str:
    """What a module prints that is run in a tree, and must not fail."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return done.stdout
