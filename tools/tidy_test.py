#!/usr/bin/env python3
"""The reviewer's own tests: every rule refuses its example and lets its neighbour pass."""

import unittest

import check_floors
import tidy


def rules(path, text, exists=lambda _: True):
    return [rule for _, rule, _ in tidy.check_text(path, text, exists)]


class Tidy(unittest.TestCase):
    def refused(self, path, text, word):
        found = rules(path, text)
        self.assertTrue(any(word in rule for rule in found), f"{path}: {found}")

    def accepted(self, path, text):
        self.assertEqual(rules(path, text), [])

    def test_a_file_of_600_lines_is_read_and_one_of_601_is_not(self):
        self.accepted("src/a/b.cpp", "int x;\n" * 600)
        self.refused("src/a/b.cpp", "int x;\n" * 601, "601 lines")

    def test_a_line_of_100_columns_is_read_and_one_of_101_is_not(self):
        words = "// " + "ab " * 40
        self.accepted("src/a/b.cpp", words[:100])
        self.refused("src/a/b.cpp", words[:101], "101 columns")
        self.accepted("src/a/b.cpp", '"' + "0" * 150 + '"')

    def test_a_function_of_70_lines_is_read_and_one_of_71_is_not(self):
        def function(lines):
            return "namespace a {\nint f(int x) {\n" + "x;\n" * (lines - 2) + "}\n}\n"
        self.accepted("src/a/b.cpp", function(70))
        self.refused("src/a/b.cpp", function(71), "71 lines")
        self.accepted("src/a/b.cpp", "const int table[] = {\n" + "1,\n" * 200 + "};\n")
        constructor = "A::A(int x) : x_{x},\n y_{2} {\n" + "x;\n" * 80 + "}\n"
        self.refused("src/a/b.cpp", constructor, "a function of")
        body = "struct A {\n" + "int f() { return 1; }\n" * 90 + "};\n"
        self.accepted("src/a/b.cpp", body)

    def test_clocks_and_chance_come_from_env(self):
        clock = "auto t = std::chrono::system_clock::now();"
        self.refused("src/vault/a.cpp", clock, "clock")
        self.accepted("src/base/env.cpp", clock)
        self.accepted("src/vault/a.cpp", "// not system_clock\nauto s = \"system_clock\";")
        self.refused("tests/a/b_test.cpp", "std::random_device d;", "randomness")

    def test_own_code_neither_throws_nor_uses_std_regex(self):
        self.refused("src/a/b.cpp", "throw 1;", "exception")
        self.refused("src/a/b.cpp", "#include <regex>", "regex")
        self.accepted("src/a/b.cpp", "// a library may throw\n")

    def test_replicas_compute_with_integers(self):
        self.refused("src/ledger/a.cpp", "double x;", "floating")
        self.refused("contracts/a.cpp", "float x;", "floating")
        self.accepted("src/learn/a.cpp", "double x;")

    def test_a_header_is_light_and_included_once(self):
        self.refused("src/a/b.hpp", "#pragma once\n#include <iostream>\n", "heavy")
        self.refused("src/a/b.hpp", "int x;\n", "#pragma once")
        self.accepted("src/a/b.cpp", "#include <iostream>\n")

    def test_a_note_names_its_issue(self):
        self.refused("src/a/b.cpp", "// TODO later", "note")
        self.accepted("src/a/b.cpp", "// TODO(#12): later")

    def test_no_file_speaks_of_a_machine(self):
        self.refused("docs/a.md", "see /home/somebody/x", "machine")
        self.accepted("docs/a.md", "GET $BASE/work/x and src/work/x")

    def test_links_lead_somewhere_and_every_page_is_linked(self):
        self.assertEqual(len(rules("docs/a.md", "[x](b.md)", lambda to: to == "b.md")), 1)
        self.assertEqual(rules("docs/a.md", "[x](b.md#part) [y](https://x)", lambda to: True), [])
        self.assertEqual(rules("docs/a.md", "`[x](no.md)`", lambda to: False), [])
        pages = {"README.md": "[a](docs/a.md)", "docs/a.md": "[a](a.md)", "docs/b.md": ""}
        self.assertEqual(list(tidy.unlinked(pages)), ["docs/b.md"])

    def test_a_module_includes_what_its_depends_name(self):
        floors = {"base": [], "store": ["base"], "chain": ["store"]}
        def found(module, line):
            return list(check_floors.check_file("f.cpp", [line], module, floors))
        self.assertEqual(found("store", '#include "base/bytes.hpp"'), [])
        self.assertEqual(found("store", '#include "store/log.hpp"'), [])
        self.assertEqual(len(found("base", '#include "store/log.hpp"')), 1)
        self.assertEqual(len(found("chain", '#include "base/bytes.hpp"')), 1)
        self.assertEqual(len(found("store", '#include "log.hpp"')), 1)
        self.assertEqual(len(found("store", '#include "nowhere/log.hpp"')), 1)


if __name__ == "__main__":
    unittest.main()
