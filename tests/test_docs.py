"""What is written down and what is there cannot part: the README's commands, links, examples, and its other language."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
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
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    touched = readme.apply(ENGLISH, tmp_path)
    ours = [str(path) for path in touched if path.suffix == ".py"]
    whole = ["tests/readme_examples.py", "tests/test_house.py", "tests/test_metrics.py"]
    named = ["tests/test_sql_contracts.py", "tests/test_matrix.py"]
    # Of the metrics' tests those of each metric: the others look at one, which the examples leave as it is.
    of_all = "rows_behind or customers_behind or groups_add or only_flows or company_has"
    chosen = f"readme_examples or test_house or {of_all} or promises or StopContact or sample or board or page"
    (tmp_path / "docs" / "METRICS.md").write_text(_said(tmp_path, "lib.metrics"), "utf-8")
    _said(tmp_path, "ruff", "check", *ours)
    _said(tmp_path, "ruff", "format", "--check", *ours)
    _said(tmp_path, "pytest", "-p", "no:cacheprovider", "-k", chosen, *whole, *named)


def _said(root: Path, *command: str) -> str:
    """What a module prints that is run in a tree, and must not fail."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return done.stdout
