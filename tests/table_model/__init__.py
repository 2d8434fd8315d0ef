"""The random test of single-table design: entities, random writes, a plain model, and the comparison."""
