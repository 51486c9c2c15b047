"""What `pool` and `import` read that is no file: standard input, pipes, devices; and what they say meanwhile."""

import os
import subprocess
import sys
import threading

import pytest

ROWS = "study,yi,vi\nA,0.1,0.2\nB,0.2,0.1\nC,0.4,0.1\n"


def reviewlib(*argv, cwd, **more):
    command = [sys.executable, "-m", "reviewlib", *map(str, argv)]
    return subprocess.run(command, capture_output=True, cwd=cwd, timeout=60, **more)


@pytest.mark.parametrize("argv", [("pool", "-"), ("pool",)])
def test_standard_input_is_pooled_as_the_file_would_be(argv, tmp_path, write):
    piped = reviewlib(*argv, cwd=tmp_path, input=ROWS.encode())
    named = reviewlib("pool", write("a.csv", ROWS), cwd=tmp_path)
    assert piped.returncode == named.returncode == 0
    assert piped.stdout.split(b":", 1)[1] == named.stdout.split(b":", 1)[1]
    assert piped.stdout.startswith(b"standard input: 3 rows")


def test_an_empty_standard_input_is_told(tmp_path):
    done = reviewlib("pool", "-", cwd=tmp_path, input=b"")
    assert done.returncode == 1 and b"standard input is empty" in done.stderr


def test_a_wait_is_told(tmp_path):
    command = [sys.executable, "-m", "reviewlib", "pool"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, **streams) as waiting:
        assert b"Waiting for a table on standard input" in waiting.stderr.readline()
        out, _ = waiting.communicate(ROWS.encode(), timeout=60)
    assert waiting.returncode == 0 and b"3 studies" in out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_read_and_one_that_nobody_writes_into_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    done = reviewlib("pool", "pipe.csv", cwd=tmp_path)
    assert done.returncode == 1 and b"pipe.csv is empty" in done.stderr
    writer = threading.Thread(target=(tmp_path / "pipe.csv").write_text, args=(ROWS,))
    writer.start()
    done = reviewlib("pool", "pipe.csv", cwd=tmp_path)
    writer.join(10)
    assert done.returncode == 0 and done.stdout.startswith(b"pipe.csv: 3 rows")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev/zero")
@pytest.mark.parametrize("argv", [("pool", "/dev/zero"), ("import", "/dev/zero", "--output", "new")])
def test_a_device_without_end_is_refused_at_the_limit(argv, tmp_path):
    done = reviewlib(*argv, cwd=tmp_path)
    assert done.returncode == 1 and b"50 million bytes" in done.stderr and not list(tmp_path.iterdir())


def test_bibliographies_can_be_piped_too(tmp_path):
    done = reviewlib(
        "import", "-", "--output", "new", cwd=tmp_path, input=b"TY  - JOUR\nAU  - Roe, A\nPY  - 2001\nTI  - X\nER  - \n"
    )
    assert b"standard input: RIS" in done.stdout + done.stderr
