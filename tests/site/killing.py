"""Processes that end, as by kill -9, just before a chosen write, or with a file opened for it and nothing in it yet."""

import os
import sys

_WRITES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod", "os.truncate", "os.symlink")


def killed_at(number, action, below=""):
    """Run `action` in a process of its own that is killed before its write `number`; True if it came to that.

    `below` leaves out writes elsewhere, such as in a temporary folder.
    """
    child = os.fork()
    if not child:
        left = [number]

        def count(event, arguments):
            if event == "open":
                writes = isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            else:
                writes = event in _WRITES
            if writes and str(arguments[0]).startswith(str(below)):
                for opened in (False, True)[: 1 + (event == "open")]:
                    left[0] -= 1
                    if left[0] == 0:
                        if opened:  # what was there is gone, what is to be there has not come
                            os.open(arguments[0], arguments[2], 0o666)
                        os._exit(137)

        sys.addaudithook(count)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1), os.dup2(silent, 2)
        try:
            action()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137
