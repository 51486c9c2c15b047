"""Readers and writers: tables that other people and programs make, and tables that they can read.

A reader takes bytes that nobody has checked and returns rows, or says in a sentence what is wrong and where. Nothing is
written until every table, with the new rows in it, passes the checks of `reviewlib check`.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
