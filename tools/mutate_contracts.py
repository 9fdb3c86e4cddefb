#!/usr/bin/env python3
"""Damages the standard contracts check by check, and asks whether the tests notice.

    tools/mutate_contracts.py BUILD_DIR [--only NAME] [--list] [--all]

Every mutant is one permission check made always true: a method's role, a condition or answer of a
check, a `require` in a handler. It is compiled as the release is and run, interpreted, by the
tests `contracts_standard_*` of BUILD_DIR (SALUS_CONTRACT_<NAME> names the module). A mutant that
no test notices is printed with its line; exit 1 when there is one that EQUIVALENT does not explain.
--all stops at nothing: it also breaks checks that guard no permission (limits, forms, states).
"""

import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONTRACTS = ("registry", "record", "consent", "access")
TESTS = ("callers", "registry", "record", "consent", "consent_rules", "consent_property")

# Mutants that cannot be told apart from the original, and why.
EQUIVALENT = {
    ("registry.cpp", "found.has_value()", "true"):
        "an account that is not there is read as zeros, which is a deactivated one",
    ("registry.cpp", "vouched", "false"):
        "only asked before anything vouched, or of a live credential, which answers alone",
}


def flags():
    """The compiler's flags as cmake/Contracts.cmake gives them to a release."""
    text = (ROOT / "cmake/Contracts.cmake").read_text()
    return shlex.split(re.search(r"set\(SALUS_WASM_FLAGS (.*?)\)\n", text, re.DOTALL).group(1))


def blank_literals(text):
    """The same positions: strings become words, comments spaces."""
    def instead(match):
        return re.sub(r"[^\n]", "s" if match.group(0)[0] == '"' else " ", match.group(0))
    return re.sub(r'"(?:\\.|[^"\\])*"|//[^\n]*', instead, text)


def closing(text, at):
    """Where the bracket that opens at `at` closes."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    stack = []
    for i in range(at, len(text)):
        if text[i] in pairs:
            stack.append(pairs[text[i]])
        elif stack and text[i] == stack[-1]:
            stack.pop()
            if not stack:
                return i
    raise ValueError("a bracket stays open")


def operands(text, start, end):
    """(start, end) of every operand of && and || in text[start:end], nested ones too."""
    depth, cuts = 0, []
    for i in range(start, end):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
        elif depth == 0 and text[i:i + 2] in ("&&", "||"):
            cuts.append(i)
    if not cuts:
        inner = text[start:end].strip()
        first = start + text[start:end].index(inner[0]) if inner else end
        if inner.startswith("(") and closing(text, first) == first + len(inner) - 1:
            return operands(text, first + 1, first + len(inner) - 1)
        return [(first, first + len(inner))] if inner else []
    parts, left = [], start
    for cut in cuts + [end]:
        parts += operands(text, left, cut)
        left = cut + 2
    return parts


def bool_functions(code):
    """(start, end) of the body of every function that answers yes or no."""
    for match in re.finditer(r"^(?:inline )?bool \w+\([^{;]*?\) (?=\{)", code, re.MULTILINE):
        yield match.end(), closing(code, match.end())


def mutants_of(path, every):
    """(start, end, text) of each change, one at a time."""
    text = path.read_text()
    code = blank_literals(text)
    found = []
    table = re.search(r"constexpr Method methods\[\] = \{", code)
    if table:
        end = closing(code, table.end() - 1)
        for row in re.finditer(r"Kind::exec, (\w+),", code[table.end():end]):
            found.append((table.end() + row.start(1), table.end() + row.end(1), "anyone"))
    for start, end in bool_functions(code):
        for match in re.finditer(r"\breturn ([^;]*);", code[start:end]):
            a, b = start + match.start(1), start + match.end(1)
            parts = operands(code, a, b)
            found += [(x, y, "true") for x, y in parts]
            if len(parts) > 1:
                found.append((a, b, "true"))
        for match in re.finditer(r"\b(\w+) =\s([^;]*(?:&&|\|\|)[^;]*);", code[start:end]):
            a, b = start + match.start(2), start + match.end(2)
            found += [(x, y, word) for x, y in operands(code, a, b) for word in ("true", "false")]
        for match in re.finditer(r"\bif \(", code[start:end]):
            a = start + match.end()
            b = closing(code, a - 1)
            if re.match(r"\) \{\s*return false;", code[b:]):
                found += [(x, y, "false") for x, y in operands(code, a, b)]
    for match in re.finditer(r"\brequire\(", code):
        end = closing(code, match.end() - 1)
        cut = match.end() + re.search(r",\s*(?:\w+::)*\w+,", code[match.end():end]).start()
        condition = text[match.end():cut]
        if every or "code::denied" in code[cut:end]:
            # Evaluated as before, for what it reads; only its answer no longer matters.
            found.append((match.end(), cut, f"({condition}) || true"))
    return [m for m in sorted(set(found)) if text[m[0]:m[1]] != m[2]]


def compile_contract(tree, name, out):
    command = [os.environ.get("SALUS_WASM_CXX", "clang++-19"), *flags(), "-w", "-Icontracts/sdk",
               "-Icontracts", f"contracts/{name}/{name}.cpp", "-o", str(out)]
    return subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode == 0


def notices(build, modules):
    """The first test that fails with these modules, or None."""
    environment = dict(os.environ)
    for name, module in modules.items():
        environment[f"SALUS_CONTRACT_{name.upper()}"] = str(module)
    for test in TESTS:
        if test == "consent_property" and modules and "consent" not in modules:
            continue
        program = build / "bin" / f"contracts_standard_{test}_test"
        try:
            run = subprocess.run([program, "--abort-after=1"], env=environment, cwd=ROOT,
                                 capture_output=True, check=False, timeout=300)
        except subprocess.TimeoutExpired:
            return test
        if run.returncode != 0:
            return test
    return None


def users_of(path):
    return CONTRACTS if path.parent.name == "common" else (path.parent.name,)


def copy_tree(folder):
    for path in (ROOT / "contracts").rglob("*.[ch]pp"):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def try_mutant(build, folder, path, mutant):
    """'killed by …', 'survived' or 'does not compile'."""
    text = path.read_text()
    start, end, instead = mutant
    changed = folder / path.relative_to(ROOT)
    changed.write_text(text[:start] + instead + text[end:])
    modules = {}
    for name in users_of(path):
        modules[name] = folder / f"{name}.wasm"
        if not compile_contract(folder, name, modules[name]):
            changed.write_text(text)
            return "does not compile"
    changed.write_text(text)
    killer = notices(build, modules)
    return f"killed by {killer}" if killer else "survived"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--only", help="one contract, or `common`")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    parser.add_argument("--all", action="store_true", help="also checks that guard no permission")
    options = parser.parse_args()
    build = options.build.resolve()
    made = killed = explained = 0
    survivors = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        copy_tree(folder)
        if not options.list and notices(build, {}):
            sys.exit("the tests fail on the contracts as they are")
        for name in (*CONTRACTS, "common"):
            for path in sorted((ROOT / "contracts" / name).glob("*.[ch]pp")):
                if options.only not in (None, name):
                    continue
                text = path.read_text()
                for mutant in mutants_of(path, options.all):
                    line = text.count("\n", 0, mutant[0]) + 1
                    what = f"{path.relative_to(ROOT)}:{line}: " + " ".join(
                        f"{text[mutant[0]:mutant[1]]} → {mutant[2]}".split())
                    outcome = "" if options.list else try_mutant(build, folder, path, mutant)
                    print(what, outcome, sep="  ", flush=True)
                    if outcome == "does not compile":
                        continue
                    made += 1
                    killed += outcome.startswith("killed")
                    key = (path.name, " ".join(text[mutant[0]:mutant[1]].split()), mutant[2])
                    if outcome == "survived":
                        explained += key in EQUIVALENT
                        if key not in EQUIVALENT:
                            survivors.append(what)
    print(f"mutants: {made} made, {killed} killed, {explained} equivalent, "
          f"{len(survivors)} unnoticed")
    for survivor in survivors:
        print("unnoticed:", survivor)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
