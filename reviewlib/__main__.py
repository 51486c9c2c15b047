"""`python -m reviewlib` is the command `reviewlib`."""

import sys

from .cli import main

sys.exit(main())
