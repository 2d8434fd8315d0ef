"""The random test of single-table design: entities, random writes, a plain model of the table, the comparison."""
