"""A file is read in one go, a function at one glance."""

import ast

from tests.house.sources import name_of, own_static, own_tests, python_files, templates, tree_of

LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def test_no_file_is_longer_than_300_lines() -> None:
    files = [
        *python_files(),
        *templates(),
        *own_static(".js", ".css"),
        *own_tests(),
    ]
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in files}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def test_no_function_is_longer_than_40_lines() -> None:
    too_long = [
        f"{name_of(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert not too_long, "\n".join(too_long)
