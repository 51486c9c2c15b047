"""Files written together: all or none, whatever stops the writing, and nothing left beside them."""

import errno
import os
import shutil
import stat

import pytest
from killing import killed_at

from reviewlib import EvidenceError, files
from reviewlib.files import MARK, recover, write, write_all


@pytest.fixture
def old(tmp_path):
    (tmp_path / "a.csv").write_text("old a")
    (tmp_path / "c.csv").write_text("old c")
    return tmp_path


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def wanted(folder):
    return {folder / "a.csv": "new a", folder / "deep" / "er" / "b.csv": b"new b"}


def test_files_and_folders_appear_and_what_goes_is_gone(old):
    write_all(wanted(old), remove=[old / "c.csv", old / "never"])
    assert contents(old) == {"a.csv": "new a", "deep/er/b.csv": "new b"}


def test_nothing_to_write_writes_nothing(tmp_path):
    write_all({})
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_its_rights_and_a_link_stays_a_link(tmp_path):
    real = tmp_path / "real"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link").symlink_to(real)
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink() and real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("step", ["fsync", "replace", "mkdir"])
def test_a_fault_at_any_step_names_the_file_and_changes_nothing(old, monkeypatch, step, durable):
    before, real, reached = contents(old), getattr(os, step), [0]
    for number in range(1, 20):
        reached[0] = 0

        def fail(*words, _number=number, **more):
            reached[0] += 1
            if reached[0] == _number:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*words, **more)

        monkeypatch.setattr(os, step, fail)
        try:
            write_all(wanted(old), remove=[old / "c.csv"], durable=durable)
        except EvidenceError as error:
            assert "cannot be written: No space left on device. Nothing was changed" in str(error)
            assert contents(old) == before and sorted(p.name for p in old.iterdir()) == ["a.csv", "c.csv"]
        else:
            break
    assert reached[0] < 20 and contents(old) == {"a.csv": "new a", "deep/er/b.csv": "new b"}


def test_the_reason_is_not_hidden_by_a_clean_up_that_fails_too(old, monkeypatch):
    def full(*words, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    def broken(*words, **more):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files, "_move", full)
    for module, name in ((files, "_replace"), (os, "rmdir"), (os, "unlink")):
        monkeypatch.setattr(module, name, broken)
    with pytest.raises(EvidenceError, match="No space left on device"):
        write(old / "a.csv", "new")


def test_stopping_half_way_takes_back_what_was_written(old, monkeypatch):
    real = files._move

    def stop(stage, move):
        real(stage, move)
        if move["to"].endswith("b.csv"):
            raise KeyboardInterrupt

    before = contents(old)
    monkeypatch.setattr(files, "_move", stop)
    with pytest.raises(KeyboardInterrupt):
        write_all(wanted(old))
    assert contents(old) == before and not (old / "deep").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_write_the_next_writer_finds_all_or_none(tmp_path):
    for number in range(1, 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "a.csv").write_text("old a")
        (folder / "c.csv").write_text("old c")
        killed = killed_at(number, lambda at=folder: write_all(wanted(at), remove=[at / "c.csv"]))
        seen = {name: text for name, text in contents(folder).items() if not name.startswith(MARK)}
        assert seen.get("a.csv") in ("old a", "new a") and seen.get("c.csv") in ("old c", None)
        finished = recover(folder)
        after = contents(folder)
        new = {"a.csv": "new a", "deep/er/b.csv": "new b"}
        assert after == (new if finished or not killed else {"a.csv": "old a", "c.csv": "old c"}) or after == new
        assert not list(folder.glob(f"{MARK}*"))
        if not killed:
            break
    assert 20 < number < 99


def test_what_a_running_command_writes_is_left_alone(tmp_path):
    stage = tmp_path / f"{MARK}other"
    stage.mkdir()
    with (stage / "lock").open("wb") as lock:
        files._hold(lock)
        assert recover(tmp_path) == [] and stage.is_dir()
    recover(tmp_path)
    assert not stage.exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("n" * 300, "File name too long"),
        ("folder", "is a folder. Name a file"),
        ("file/in", "file is a file, not a folder"),
        ("CON", "no file can be called 'CON' on Windows. Choose another name"),
        ("lpt1.tar.gz", "no file can be called 'lpt1.tar.gz'"),
        ("aux/in", "no file can be called 'aux'"),
        ("a:b.json", "no file can be called 'a:b.json'"),
        ("who?/in", "no file can be called 'who[?]'"),
        ("a.csv.", "no file can be called 'a.csv.'"),
        ("new /in", "no file can be called 'new '"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(tmp_path, name, why):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    with pytest.raises(EvidenceError, match=why):
        write(tmp_path / name, "x")
    assert contents(tmp_path) == {"file": "kept"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(EvidenceError, match="Permission denied"):
        write(tmp_path / "a", "x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_copy_to_work_on_may_be_written_and_holds_no_pipe(tmp_path):
    folder = tmp_path / "only to read"
    (folder / "topic").mkdir(parents=True)
    (folder / "topic" / "a.csv").write_text("a")
    os.mkfifo(folder / "pipe.csv")
    for path, mode in ((folder / "topic" / "a.csv", 0o400), (folder / "topic", 0o500), (folder, 0o500)):
        path.chmod(mode)
    copy = files.copied(folder, tmp_path / "copy")
    assert contents(copy) == {"topic/a.csv": "a"} or [p.name for p in copy.rglob("*")] == ["topic", "a.csv"]
    assert all(path.stat().st_mode & 0o200 for path in (copy, *copy.rglob("*")))
    for path in (folder, folder / "topic"):
        path.chmod(0o700)


def test_a_file_that_cannot_be_copied_is_named_with_its_reason(old, monkeypatch, tmp_path):
    def refused(source, target):
        raise PermissionError(errno.EACCES, "Permission denied", str(source))

    monkeypatch.setattr(shutil, "copyfile", refused)
    with pytest.raises(EvidenceError, match=r"[ac]\.csv cannot be copied to work on: Permission denied\. Nothing"):
        files.copied(old, tmp_path / "copy")


def test_another_disk_below_the_project_is_written_too(old, monkeypatch):
    real = os.replace

    def crossing(source, target):
        if os.path.dirname(target) != os.path.dirname(source):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(os, "replace", crossing)
    write_all(wanted(old))
    assert contents(old) == {"a.csv": "new a", "deep/er/b.csv": "new b", "c.csv": "old c"}
