"""Who may import whom: the contracts of pyproject.toml hold, where the tool that reads them is installed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(importlib.util.find_spec("importlinter") is None, reason="import-linter is a developer's tool")
def test_every_module_imports_only_what_its_place_allows():
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    checked = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "0 broken" in checked.stdout, checked.stdout + checked.stderr
    assert checked.returncode == 0
