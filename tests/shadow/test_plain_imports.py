"""What a file imports, read without its tree: all of it, or a word that only the tree tells."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from migguard.shadow.imports import imported, plainly_imported
from migguard.source import statements_of


@pytest.mark.parametrize(
    "source",
    [
        b"import os\n",
        b"import a.b as c  # why; not\n",
        b"from a.b import (\n    c,\n    d,\n)\n",
        b"def f():\n    from a import b\n    import c\n",
        b"from . import a\nfrom .b import c\n",
        b"import a\r\nfrom b import c\r\n",
        b'"""Texts may say\nimport this\n"""\nimport a\n',
        b"try:\n\timport a\nexcept ImportError:\n\ta = None\n",
    ],
)
def test_plain_imports_are_all_found(source: bytes) -> None:
    found = plainly_imported(source)
    assert found is not None
    assert found >= {name for node in statements_of(ast.parse(source)) for name in imported(node)}


@pytest.mark.parametrize(
    "source",
    [
        b"import a, b\n",
        b"import a; import b\n",
        b"from a import b; import c\n",
        b"if True: import a\n",
        b"from a \\\n import b\n",
        b"from a import b\rimport c\n",
        b'"""x"""; import a\n',
        "import café\n".encode(),
        b"# coding: utf-7\nx = 1\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_tree(source: bytes) -> None:
    assert plainly_imported(source) is None


@pytest.mark.thorough
def test_each_file_of_the_samples_is_read_as_by_its_tree() -> None:
    root = Path(__file__).parents[2]
    files = [*(root / "sample_migrations").rglob("*.py"), *(root / "migguard").rglob("*.py")]
    assert len(files) > 200
    read = 0
    for file in files:
        source = file.read_bytes()
        names = plainly_imported(source)
        if names is not None:
            read += 1
            assert names >= {name for node in statements_of(ast.parse(source)) for name in imported(node)}, file
    assert read > len(files) / 2
