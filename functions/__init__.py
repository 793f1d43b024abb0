"""The Lambda functions, one package each.

Importing any of them tells the garbage collector to be less eager: a cold start allocates for a long time and frees
next to nothing, and a tenth of it would go into looking. A process that answers short requests loses nothing by it.
"""

from __future__ import annotations

import gc

OBJECTS_BEFORE_A_LOOK = 100_000  # Python's own choice is 2000

gc.set_threshold(OBJECTS_BEFORE_A_LOOK)
