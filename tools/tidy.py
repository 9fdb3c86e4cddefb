#!/usr/bin/env python3
"""Reads the sources like a reviewer: path, line, the rule, the better way.

    tools/tidy.py            the whole project
    tools/tidy.py PATH…      only these files

The rules are those of CONTRIBUTING.md that a program can see. Exit 1 when there is a complaint.
"""

import os
import pathlib
import re
import subprocess
import sys

LINES_MAX = 600
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
README_LINES_MAX = 60
DECISION_LINES_MAX = 40
# No place to break: a URL or test vector, a picture's path, a sentence in one literal.
UNBREAKABLE = re.compile(r"\S{70,}|\sd=\"[Mm]|^\s*([?:]\s*)?[`\"].*[`\"][;,)}]*$")

CPP = (".hpp", ".cpp")
CODE = CPP + (".ts", ".tsx", ".py", ".sh")
SCRIPTS = ("run", "test", "bench", ".ci/run")
TEXT = CODE + (".md", ".cmake", ".txt", ".yml", ".css", ".html")
OWN_CODE = ("src/", "cmd/", "contracts/")
REPLICA = ("src/ledger/", "src/contracts/", "src/chain/", "contracts/")

# (pattern, folders, folders excepted, rule, better way); read on code without comments and strings.
CODE_RULES = [
    (r"\b(system_clock|steady_clock|high_resolution_clock)\b|\btime\(nullptr\)", OWN_CODE,
     ("src/base/",), "a clock of the machine", "take the time from Env, or from the block"),
    (r"\bstd::rand\b|\bsrand\(|\brandom_device\b", OWN_CODE + ("tests/",), ("src/base/",),
     "randomness that no seed repeats", "take it from Env (tests: SimEnv with a printed seed)"),
    (r"\bthrow\b", OWN_CODE, (), "an exception of our own", "return a Result"),
    (r"\bstd::regex\b|#\s*include\s*<regex>", OWN_CODE + ("tests/", "benchmarks/"), (),
     "std::regex recurses on hostile text", "use RE2 or a hand-written scanner"),
    (r"\b(float|double)\b", REPLICA, (),
     "floating point where every replica must compute the same bytes", "use integers"),
    (r"\busing namespace std\b", ("src/", "cmd/", "contracts/", "tests/", "benchmarks/"), (),
     "a whole namespace opened", "name what you use"),
]
HEADER_ONLY = re.compile(r"#\s*include\s*[<\"](iostream|ranges|fmt/[^>\"]*|simdjson\.h)[>\"]")

# Read on everything, comments and prose too.
PLACEHOLDER = re.compile(r"\b(TODO|FIXME|XXX)\b(?!.*#\d)")
FOREIGN = re.compile(r"(?<![\w.$}])/(work|home|Users|root)/\w|\bhelper[ -]agents?\b"
                     r"|\bas instructed\b", re.IGNORECASE)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def blank(match):
    """The same number of lines and columns, without the words."""
    return re.sub(r"[^\n]", " ", match.group(0))


LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^ ()\\]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


def code_only(text):
    """C++ without comments and literals; includes keep their names."""
    def keep_includes(match):
        start = text.rfind("\n", 0, match.start()) + 1
        before = text[start:match.start()]
        return match.group(0) if re.match(r"\s*#\s*include\s*$", before) else blank(match)
    return LITERALS.sub(keep_includes, text)


SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def functions(code):
    """(first line, last line) of function bodies, by counting braces outside of any function."""
    stack = []  # (kind, first line) of every open brace
    head, head_line, line, after_function = "", 1, 1, False
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            inside = any(kind != "scope" for kind, _ in stack)
            text = re.sub(r"(?m)^\s*#.*$", "", head).strip()
            if inside:
                kind = "block"
            elif SCOPE.search(text) and not text.endswith((")", "const", "noexcept", "override")):
                kind = "scope"
            elif ")" in text or (after_function and text[:1] in ("", ",")):
                kind = "function"  # the second form: a body behind `: member_{value}`
            else:
                kind = "block"
            stack.append((kind, head_line if text else line))
            head, after_function = "", False
        elif char == "}":
            if stack:
                kind, first = stack.pop()
                after_function = kind == "function"
                if kind == "function":
                    yield first, line
            head = ""
        elif char == ";":
            head, after_function = "", False
        else:
            if not head.strip():
                head_line = line
            head += char


def check_lengths(path, lines):
    code = path.endswith(CODE) or path in SCRIPTS
    if code and len(lines) > LINES_MAX:
        yield 1, f"{len(lines)} lines, the limit is {LINES_MAX}", "split the file by what it does"
    for number, line in enumerate(lines, 1):
        if code and len(line) > COLUMNS_MAX and not UNBREAKABLE.search(line):
            yield number, f"{len(line)} columns, the limit is {COLUMNS_MAX}", "break the line"
    if re.fullmatch(r"src/\w+/README\.md", path) and len(lines) > README_LINES_MAX:
        yield 1, f"{len(lines)} lines, a module's README has {README_LINES_MAX}", "shorten it"
    if path.startswith("docs/decisions/") and len(lines) > DECISION_LINES_MAX:
        yield 1, f"{len(lines)} lines, a decision has {DECISION_LINES_MAX}", "shorten it"


def check_cpp(path, text):
    code = code_only(text)
    for number, line in enumerate(code.splitlines(), 1):
        for pattern, folders, excepted, rule, better in CODE_RULES:
            if path.startswith(folders) and not path.startswith(excepted):
                if re.search(pattern, line):
                    yield number, rule, better
        if path.endswith(".hpp") and HEADER_ONLY.search(line):
            yield number, "a heavy header inside a header", "include it in the .cpp"
    if path.endswith(".hpp") and "#pragma once" not in text:
        yield 1, "#pragma once is missing", "put it on the first line"
    for first, last in functions(code):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield (first, f"a function of {last - first + 1} lines, the limit is "
                   f"{FUNCTION_LINES_MAX}", "name its parts and move them out")


def check_words(path, lines):
    if path in ("tools/tidy.py", "tools/tidy_test.py"):
        return  # they spell out what they look for
    for number, line in enumerate(lines, 1):
        if PLACEHOLDER.search(line):
            yield number, "a note without an issue number", "write `TODO(#123): …`, or do it now"
        if FOREIGN.search(line):
            yield number, "a word about somebody's machine or errand", "speak of the project alone"


def links_of(text):
    """(line, target) of every link that points into the project."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", blank, text, flags=re.DOTALL)
    for match in LINK.finditer(prose):
        target = (match.group(1) or match.group(2)).split("#")[0]
        if target and not re.match(r"[a-z]+:", target):
            yield prose.count("\n", 0, match.start()) + 1, target


def resolve(path, target):
    if target.startswith("/"):
        return target.lstrip("/")
    return os.path.normpath(os.path.join(os.path.dirname(path), target)).replace(os.sep, "/")


def check_links(path, text, exists):
    for number, target in links_of(text):
        if not exists(resolve(path, target)):
            yield number, f"the link {target} leads nowhere", "correct it or write the page"


def check_text(path, text, exists):
    """(line, rule, better way) for one file."""
    lines = text.splitlines()
    yield from check_lengths(path, lines)
    yield from check_words(path, lines)
    if path.endswith(CPP):
        yield from check_cpp(path, text)
    if path.endswith(".md"):
        yield from check_links(path, text, exists)


def unlinked(texts):
    """Pages under docs/ that no other page leads to."""
    linked = set()
    for path, text in texts.items():
        if path.endswith(".md"):
            linked |= {resolve(path, target) for _, target in links_of(text)} - {path}
    for path in sorted(texts):
        folder = os.path.dirname(path)
        if path.startswith("docs/") and path.endswith(".md") and path not in linked:
            if not (path.endswith("/README.md") and folder in linked):
                yield path


def project_files(root):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=root, capture_output=True, check=False)
    if listed.returncode == 0:
        return sorted(set(listed.stdout.decode().split("\0")) - {""})
    skipped = {"build", "node_modules", "dist", ".git", "salus-data"}
    out = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in skipped]
        out += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(out)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    named = [os.path.relpath(os.path.abspath(path), root) for path in sys.argv[1:]]
    texts = {}
    for path in named or project_files(root):
        if (path.endswith(TEXT) or path in SCRIPTS) and (root / path).is_file():
            texts[path] = (root / path).read_text(encoding="utf-8", errors="replace")
    complaints = [
        f"{path}:{number}: {rule}: {better}"
        for path, text in texts.items()
        for number, rule, better in check_text(path, text, lambda to: (root / to).exists())
    ]
    if not named:
        complaints += [f"{path}:1: no page links here: add it to docs/README.md or its index"
                       for path in unlinked(texts)]
    for complaint in complaints:
        print(complaint)
    print(f"tidy: {len(texts)} files, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
