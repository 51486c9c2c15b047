"""The evidence as frozen, typed tables.

Everything is read as text first and parsed by the schema, so `topic.text["results"]` still holds what was typed.
Loading enforces every rule that `reviewlib check` enforces: a table with a fault is refused with all its faults.
"""

from __future__ import annotations

from collections import OrderedDict
