"""Pooling, its uncertainty, and what could change it. Names load their module when first used."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
