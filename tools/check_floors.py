#!/usr/bin/env python3
"""Refuses an #include that the build file does not allow.

The order of the floors is stated once, by the salus_module calls in CMakeLists.txt; configuring
writes them to floors.json. A module includes itself and the modules its DEPENDS names. The programs
in cmd/ sit above all floors and include anything.

    tools/check_floors.py --floors build/release/floors.json
"""

import argparse
import json
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
PUT_RIGHT = "name it in DEPENDS of the salus_module call if it stands lower, or move the code up"


def check_file(path, lines, module, floors):
    """Complaints about one file of a module, as text."""
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target, slash, _ = match.group(1).partition("/")
        where = f"{path}:{number}"
        if not slash:
            yield f'{where}: "{target}" is not written from src/: #include "{module}/{target}"'
        elif target not in floors:
            yield f"{where}: {target} is no module: declare it with salus_module in CMakeLists.txt"
        elif target != module and target not in floors[module]:
            yield f"{where}: {module} may not include {target}: {PUT_RIGHT}"


def check(root, floors):
    for folder in sorted(path for path in (root / "src").iterdir() if path.is_dir()):
        module = folder.name
        sources = sorted(p for p in folder.rglob("*") if p.suffix in (".hpp", ".cpp"))
        if sources and module not in floors:
            yield f"src/{module}: no salus_module({module} …) in CMakeLists.txt declares it"
            continue
        for source in sources:
            lines = source.read_text(encoding="utf-8").splitlines()
            yield from check_file(source.relative_to(root), lines, module, floors)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--floors", type=pathlib.Path, required=True)
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    floors = json.loads(options.floors.read_text(encoding="utf-8"))
    floors.pop("", None)
    complaints = list(check(root, floors))
    for complaint in complaints:
        print(complaint)
    print(f"floors: {len(floors)} modules, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
