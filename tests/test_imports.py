"""The direction of imports in ARCHITECTURE.md: nothing imports to the right."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# From left to right; what is not named stands with the views.
LAYERS = (
    ("sentences",),
    ("applicability", "attribution", "scoring", "triggers"),
    ("content", "explaining", "simulating", "solving"),
    ("calendars", "instrument_validation", "planning", "diffing", "validation", "writing", "yaml_mapping"),
    ("reading", "storability"),
    ("schemas", "tables"),
    ("merging",),
    ("models",),
    ("checks", "exporting", "forms", "importing", "logos", "reporting", "translation"),
    ("accepting", "blank_forms", "conditions", "uploads", "workbooks"),
    ("admin", "management", "templatetags", "views"),
    ("apps", "urls"),
)
RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names}
VIEWS = RANKS["views"]
PURE = (
    "attribution",
    *("applicability", "calendars", "diffing", "scoring", "content", "validation", "yaml_mapping", "reading"),
    *("explaining", "planning", "schemas", "sentences", "simulating", "solving", "writing"),
    *("merging", "storability", "tables"),
)


def modules(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def imported(path):
    """Full names of everything that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                raise AssertionError(f"{path}:{node.lineno}: import by full name")


def part(name):
    """`models` of `questionnaires.models.reports`; None outside the app."""
    app, _, rest = name.partition(".")
    return rest.split(".")[0] if app == "questionnaires" and rest else None


def test_nothing_imports_to_the_right():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("questionnaires")
        for name in imported(path)
        if part(name) is not None
        and RANKS.get(part(name), VIEWS)
        > RANKS.get(path.relative_to(ROOT / "questionnaires").parts[0].removesuffix(".py"), VIEWS)
        # Registers the checks, as Django asks an app to do when it is ready.
        and (path.name, name) != ("apps.py", "questionnaires.checks")
    ]

    assert wrong == []


def test_every_layer_is_there():
    present = {path.name.removesuffix(".py") for path in (ROOT / "questionnaires").iterdir()}

    assert {name for names in LAYERS[:-1] for name in names} - present == set()


def test_accounts_know_nothing_of_questionnaires():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("frcheck/accounts")
        for name in imported(path)
        if name.split(".")[0] == "questionnaires"
    ]

    assert wrong == []


def test_the_product_imports_no_tests():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in ("questionnaires", "frcheck")
        for path in modules(package)
        for name in imported(path)
        if name.split(".")[0] in ("tests", "pytest", "hypothesis")
    ]

    assert wrong == []


@pytest.mark.parametrize("name", PURE)
def test_pure_module_loads_without_django(name):
    script = f"import sys, questionnaires.{name}; print(sorted(m for m in sys.modules if m.split('.')[0] == 'django'))"

    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["applicability", "explaining", "scoring", "simulating", "content", "validation"])
def test_pure_module_does_no_io_and_has_no_clock(name):
    path = ROOT / "questionnaires" / f"{name}.py"
    allowed = {"collections", "dataclasses", "datetime", "decimal", "enum", "functools", "questionnaires", "re"}
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }

    assert {module.split(".")[0] for module in imported(path)} - allowed == set()
    assert calls & {"open", "print", "input", "eval", "exec", "today", "now", "__import__"} == set()
