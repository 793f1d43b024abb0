"""The modules of one calendar provider share the beginning of their names, and know no other provider's."""

from __future__ import annotations

import ast
from pathlib import Path

from ops.desk_file_known import PROVIDERS
from slotline.adapters import calendars

FOLDER = Path(calendars.__path__[0])
PACKAGE = calendars.__name__


def family(module: str) -> str | None:
    """The provider whose module this is; None for what all of them share."""
    return module.partition("_")[0] or None


def imported(source: str) -> set[str]:
    """Names of modules beside it that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{PACKAGE}."):
            found.add(node.module.removeprefix(f"{PACKAGE}."))
        elif isinstance(node, ast.Import):
            found |= {a.name.removeprefix(f"{PACKAGE}.") for a in node.names if a.name.startswith(f"{PACKAGE}.")}
    return found


def test_no_provider_s_module_imports_another_provider_s() -> None:
    modules = {path.stem: imported(path.read_text()) for path in FOLDER.glob("*.py") if path.stem != "__init__"}
    families = {family(module) for module in modules}

    assert families >= set(PROVIDERS), "a provider's modules begin with its name"
    assert sum(len(names) for names in modules.values()) > len(modules), "no imports were found: the reading is wrong"
    strangers = [
        f"{module} imports {name}"
        for module, names in sorted(modules.items())
        for name in sorted(names)
        if family(module) in PROVIDERS and family(name) in PROVIDERS and family(name) != family(module)
    ]
    assert strangers == []


def test_every_way_to_import_is_seen() -> None:
    source = (
        f"from {PACKAGE} import google\nfrom {PACKAGE}.calcom import X\nimport {PACKAGE}.caldav\n"
        f"def f():\n    from {PACKAGE}.microsoft_graph import Y\n"
    )

    assert imported(source) == {"google", "calcom", "caldav", "microsoft_graph"}
