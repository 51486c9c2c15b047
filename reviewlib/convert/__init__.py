"""Numbers recovered from what papers print: SDs and SEs, joined arms, clusters, medians, and effects said in people."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
