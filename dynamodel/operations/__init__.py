"""Operations: immutable values that know their request and how to read the response; no I/O.

A client runs them. Where to find what:

- `base` what all operations have in common; `explain` what they will do; `retries` what is tried again.
- Reading one item: `gets`. Reading many: `reads` (query, scan), of which `results`, `pages`, `parallel` are
  the ways to go through them, in `chunks`, up to `caps`, with `cursors` to go on from. `key_conditions` and
  `projections` are parts of their requests. `ownership` says whose items a read meets, `collection_query`
  reads several entities, `hydrate` gets whole items for those of an index.
- Writing one item: `writes` (put, delete, check), `updates`; `instances` (put, upsert, delete of an
  instance, with its version). `update_plan` keeps the keys right, `claims` the unique values.
- Several at once: `transactions` over `atomic`, `batches`; `several` is what they share.
- A whole table: `backfill` over `rewrite`; `tables` creates and deletes one.
"""
