"""The house stands: floors, agendas, sizes, words, names, and nothing in it that does not belong.

Only files under version control are looked at; a file still being written is its writer's business.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import lib
from lib.store import query
from lib.text import Text

ROOT = Path(__file__).parents[1]
FLOORS = {
    "app": 7,
    "lib.__main__": 7,
    "lib.cli": 7,
    "pages": 6,
    "lib.ui": 5,
    "lib.commands": 4,
    "lib.demo": 4,
    "lib.exports": 4,
    "lib.papers": 4,
    "lib.post": 4,
    "lib.alerts": 4,
    "lib.metrics": 3,
    "lib.review": 3,
    "lib.store": 2,
    "lib.sql": 2,
    "lib.domain": 1,
    "lib.text": 0,
    "lib.terms": 0,
    "lib.term_columns": 0,
    "lib.term_voice": 0,
    "lib.term_values": 0,
    "lib.term_review": 0,
    "lib.formats": 0,
    "lib.colours": 0,
    "lib.errors": 0,
    "lib": 0,
}
STRANGERS = {"streamlit": 5, "altair": 5}
"""Libraries only that floor and those above may know."""
NOT_PURE = {"lib.domain.workbooks": {"subprocess"}}  # a hostile workbook is read in a process that can be ended
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
PAGE_LINES, PAGE_FUNCTION_LINES, FUNCTION_LINES, MODULE_LINES = 60, 15, 40, 400


@cache
def tracked() -> tuple[Path, ...]:
    """Files under version control; outside a repository all files that are not generated."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [path for folder in ("lib", "pages", "tests", "docs", "data") for path in (ROOT / folder).rglob("*")] + [*ROOT.iterdir()]
    return tuple(sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts))


def modules(*folders: str) -> list[Path]:
    """Our own Python files below some folders or of that name."""
    wanted = [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]
    assert wanted or "pages" in folders
    return wanted


HOUSE = modules("lib", "pages", "app.py")
PAGES = modules("pages")


def name_of(path: Path) -> str:
    """The dotted name of a file of ours."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def floor_of(name: str) -> int:
    """The floor a module lives on, by the longest prefix; an unlisted one is a mistake."""
    parts = name.split(".")
    found = (FLOORS.get(".".join(parts[:length])) for length in range(min(2, len(parts)), 0, -1))
    floor = next((floor for floor in found if floor is not None), None)
    if floor is None or (len(parts) > 1 and parts[0] == "lib" and ".".join(parts[:2]) not in FLOORS):
        raise AssertionError(f"{name} is on no floor: name its folder in lib/__init__.py and here")
    return floor


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, inside functions and for types too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name, not a relative one"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if is_module(f"{node.module}.{alias.name}"))


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir()


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[str(path.relative_to(ROOT)) for path in paths])


@each(HOUSE)
def test_imports_go_down_only(path: Path) -> None:
    own = floor_of(name_of(path))
    for name in imports(path):
        if name.split(".")[0] in {"lib", "pages", "app"} and name != "lib":
            target = floor_of(name)
            assert target <= own, f"{name_of(path)} (floor {own}) imports {name} (floor {target})"
            assert not name.startswith("pages"), "a page is opened, not imported"
        assert own >= STRANGERS.get(name.split(".")[0], 0), f"{name_of(path)} must not know {name}"


@each([path for path in HOUSE if not name_of(path).startswith("lib.store")])
def test_only_the_store_opens_the_file(path: Path) -> None:
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    used = [f"{c.value.id}.{c.attr}" for c in calls if isinstance(c, ast.Attribute) and isinstance(c.value, ast.Name)]
    assert "duckdb.connect" not in used


@each([path for path in HOUSE if not name_of(path).startswith("lib.store")])
def test_only_the_door_writes_to_the_ledgers_tables(path: Path) -> None:
    """What it does not know of would leave answers cached that are no longer true."""
    kept = set(re.findall(r"create table (\w+)", " ".join(step.read_text("utf-8") for step in (ROOT / "lib/sql/schema").glob("*.sql"))))
    written = re.findall(r'\.execute\(\s*f?"(?:insert into|update|delete from) (\w+)', path.read_text("utf-8"))
    assert not kept & set(written)


@each([path for path in HOUSE if name_of(path).startswith("lib.domain")])
def test_the_domain_is_pure(path: Path) -> None:
    known = {name.split(".")[0] for name in imports(path)} - NOT_PURE.get(name_of(path), set())
    assert not known & {"duckdb", "os", "subprocess", "socket", "pandas", "time", "random"}
    assert not re.search(r"\b(datetime\.now|date\.today|utcnow)\(", path.read_text("utf-8"))


@each(HOUSE)
def test_only_the_ledger_asks_the_clock(path: Path) -> None:
    if name_of(path) != "lib.store.ledger":
        assert not re.search(r"\b(datetime\.now|date\.today|utcnow)\(", path.read_text("utf-8"))


@each([path for path in tracked() if path.suffix == ".sql" and "lib" in path.parts])
def test_no_sql_asks_the_clock(path: Path) -> None:
    text = re.sub(r"--.*", "", path.read_text("utf-8").lower())
    assert not re.search(r"\b(current_date|current_timestamp|now\(\)|today\(\)|get_current_timestamp)", text)


@each([path for path in tracked() if path.suffix in {".sql", ".py"} and "lib" in path.parts])
def test_no_aggregate_over_an_empty_window(path: Path) -> None:
    """On DuckDB 1.5.5 it ends the whole database now and then (duckdb/duckdb#25713): say `over (partition by true)`."""
    assert not re.search(r"(?<!row_number\(\)) over \(\)", path.read_text("utf-8"))


@each(HOUSE)
def test_sizes(path: Path) -> None:
    text = path.read_text("utf-8")
    lines, longest = (PAGE_LINES, PAGE_FUNCTION_LINES) if path in PAGES else (MODULE_LINES, FUNCTION_LINES)
    assert len(text.splitlines()) <= lines, f"{len(text.splitlines())} lines, {lines} at most"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= longest, f"{node.name} has {length} lines, {longest} at most"


@each(HOUSE)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "the docstring is missing"


@each(PAGES)
def test_a_page_is_an_agenda(path: Path) -> None:
    page = tree(path)
    body = [node for node in page.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert body, "an empty page"
    assert ast.unparse(body[0]).startswith("page.begin("), "the first thing a page does is page.begin"
    known = {name.split(".")[0] for name in imports(path)}
    assert not known & {"duckdb", "pandas", "pyarrow"}
    assert "session_state" not in path.read_text("utf-8")
    for text in literals(page):
        assert not CHINESE.search(text), f"words belong in lib/terms.py: {text!r}"
        assert not SENTENCE.search(text), f"a sentence or SQL in a page: {text!r}"


def literals(page: ast.Module) -> list[str]:
    """String constants but for docstrings."""
    docs = {id(node.value) for node in ast.walk(page) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    found = [node for node in ast.walk(page) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs]
    return [str(node.value) for node in found]


@each(HOUSE)
def test_every_text_has_both_sides_in_the_right_order(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text" and len(node.args) == 2:
            zh, en = (arg.value if isinstance(arg, ast.Constant) else None for arg in node.args)
            if isinstance(zh, str) and isinstance(en, str):
                assert not CHINESE.search(re.sub(r"[“「(（].*?[”」)）]|中文", "", en)), f"Chinese on the English side: {en!r}"
                assert CHINESE.search(zh) or not SENTENCE.search(zh), f"no Chinese on the Chinese side: {zh!r}"


def test_the_chinese_comma_stands_beside_the_english_one() -> None:
    said = [
        (path.name, line.strip())
        for path in HOUSE
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"[\"'][、；][\"']\.join", line)
    ]
    assert [(name, line) for name, line in said if not re.search(r"[\"'][,;] [\"']", line)] == []


@each([path for path in HOUSE if name_of(path) != "lib.text"])
def test_names_are_joined_in_one_place(path: Path) -> None:
    """A name typed with a brace in it is safe in `listed`, not in a Text of one's own."""
    joins = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr == "join"]
    assert [node.lineno for node in joins for part in ast.walk(node.value) if isinstance(part, ast.Constant) and part.value == "、"] == []


def test_every_module_loads_and_so_every_text_is_whole() -> None:
    """A Text with a missing side or differing placeholders fails when it is made."""
    ours = {name_of(path) for path in HOUSE}
    for module in pkgutil.walk_packages(lib.__path__, "lib."):
        if module.name in ours and module.name != "lib.__main__":
            importlib.import_module(module.name)
    with pytest.raises(ValueError, match="placeholders"):
        Text("{a}", "{b}")


def test_the_map_names_what_is_there_and_only_that() -> None:
    assert lib.__doc__
    named = set(re.findall(r"(?:lib|pages)/[\w/.]*|app\.py", lib.__doc__))
    places = {str(path.relative_to(ROOT)) for path in HOUSE} | {str(p.relative_to(ROOT)) for p in tracked() if "sql" in p.parts}
    for place in places - {"lib/__init__.py"}:
        assert any(place == name or place.startswith(name) for name in named), f"{place} is not on the map in lib/__init__.py"


def test_every_query_is_asked_somewhere() -> None:
    text = "\n".join(path.read_text("utf-8") for path in [*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").glob("*.py")])
    asked = set(re.findall(r"[\"'](\w+)[\"']", text))
    begun = tuple(re.findall(r"f[\"'](\w+_)\{", text))
    committed = [found for path in tracked() if path.parent.name == "queries" for found in query.parse(path.read_text("utf-8"))]
    asked = asked.union(*(found.over for found in committed))
    assert sorted(found.name for found in committed if found.name not in asked and not found.name.startswith(begun)) == []


def test_version_control_takes_the_whole_house() -> None:
    done = subprocess.run(
        ["git", "check-ignore", "lib/new.py", "lib/sql/new.sql", "data/demo/new.csv"], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode == 128:
        pytest.skip("not a repository")
    assert done.stdout == b""


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AGE-SECRET-KEY-1[0-9A-Z]|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[abp]-\w{10,}"
    r"|(?i:\b(?:api_?key|secret|token|password)\b\s*[=:]\s*[\"'][A-Za-z0-9+/_-]{24,}[\"'])"
)
ELSEWHERE = re.compile("|".join(["/" + "work/", "/" + "root/", "/home/" + r"\w", "/" + "tmp/mz", r"\bpypi" + r"-more\b", "index-" + "url"]))


def test_no_secret_and_no_place_of_one_machine_is_in_the_repository() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for pattern in (SECRETS, ELSEWHERE) for match in pattern.finditer(text)]
    assert found == []
