"""Evidence tables, their synthesis, and pages that say no more than they know.

The rooms are walked one way: table (`evidence`), effect (`convert`, `effects`), synthesis (`batch`, `synthesis`),
meaning (`meaning`), page (`plots`, `page`, `site`). A public name of `__init__.pyi` loads its room when it is first
used, so importing this package costs next to nothing.
"""

import lazy_loader as lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
