"""Two clones on machines that differ in everything but their inputs make the same bytes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
TABLES = Path(__file__).parents[1] / "evidence" / "tables"
PARTS = ("evidence", "notebooks", "reviewlib", "requirements.lock", "README.md")
MACHINES = {
    "plain": {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", "umask": 0o022, "jobs": "1"},
    "Ärzte & Prüfung (Kopie)": {
        "LC_ALL": "de_DE.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Pacific/Auckland",
        "PYTHONHASHSEED": "77",
        "umask": 0o077,
        "OMP_NUM_THREADS": "4",
        "OPENBLAS_NUM_THREADS": "4",
        "COLUMNS": "40",
        "MPLBACKEND": "pdf",
        "PYTHONUTF8": "1",
        "FORCE_COLOR": "1",
        "jobs": "2",
    },
}
CONFIGURED = {
    ".ipython/profile_default/startup/colour.py": "import builtins\nbuiltins.print = lambda *words: None\n",
    ".ipython/profile_default/ipython_config.py": "c.InteractiveShell.ast_node_interactivity = 'none'\n",
    ".config/matplotlib/matplotlibrc": "font.size: 33\nsvg.hashsalt: mine\n",
    ".jupyter/jupyter_config.py": "c.NotebookClient.allow_errors = True\n",
}

CELLS = (
    "import datetime\nimport numpy as np\nimport reviewlib as rl\nfrom reviewlib import page",
    "topic = rl.load_evidence()['example']\npage.answer(topic)",
    "page.each(topic, page.figures.forest)",
    "print({'b', 'a', 'c'}, datetime.datetime(2026, 1, 2).strftime('%A'), datetime.datetime.fromtimestamp(0), 'ä²')",
    "print(np.linalg.svd(np.random.default_rng(1).normal(size=(60, 60)))[1].sum())",
    "page.versions(topic)",
)


def rendered(clone, home, jobs, umask, **variables):
    """Render a clone as the machine of `variables` would, with settings of a person of its own."""
    for name, text in CONFIGURED.items() if umask == 0o077 else ():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LD_LIBRARY_PATH")}
    environment = kept | variables | {"HOME": str(home), "PYTHONPATH": str(clone)}
    command = [sys.executable, "-m", "reviewlib", "render", "--jobs", jobs]
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, umask=umask)
    assert done.returncode == 0, done.stderr
    command[3] = "provenance"
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, umask=umask)
    numbers = done.stdout + done.stderr
    assert "executing" not in numbers, "what was rendered here is not executed again"
    files = [*(clone / "notebooks").glob("*.ipynb"), *(p for p in (clone / "_site").rglob("*") if p.is_file())]
    return {path.relative_to(clone).as_posix(): path.read_bytes() for path in files} | {"numbers": numbers.encode()}


def same_everywhere(original, tmp_path):
    made = []
    for name, machine in MACHINES.items():
        clone = tmp_path / name / "a clone"
        clone.mkdir(parents=True)
        for part in PARTS:
            if (original / part).is_dir():
                shutil.copytree(original / part, clone / part, ignore=shutil.ignore_patterns("__pycache__"))
            elif (original / part).exists():
                shutil.copy(original / part, clone / part)
        home = tmp_path / name / "home"
        home.mkdir()
        made.append(rendered(clone, home, **machine))
    first, second = made
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    return first


def test_a_small_review_is_the_same_everywhere(tmp_path):
    original = tmp_path / "original"
    shutil.copytree(TABLES, original / "evidence")
    (original / "notebooks").mkdir()
    cells = [new_code_cell(source, id=f"c{i}") for i, source in enumerate(CELLS)]
    made = new_notebook(cells=[new_markdown_cell("# Ä page", id="t"), *cells])
    nbformat.write(made, original / "notebooks" / "start.ipynb")
    files = same_everywhere(original, tmp_path)
    assert (
        "ä²" in files["notebooks/start.ipynb"].decode() and str(tmp_path) not in files["notebooks/start.ipynb"].decode()
    )


@pytest.mark.slow
def test_this_review_is_the_same_everywhere(tmp_path):
    files = same_everywhere(ROOT, tmp_path)
    assert len(files) > 50
    assert "hold the same numbers" in files["numbers"].decode() and "no place" not in files["numbers"].decode()
