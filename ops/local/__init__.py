"""The local stack: the product's own functions on a local AWS engine, behind a small HTTP front."""
