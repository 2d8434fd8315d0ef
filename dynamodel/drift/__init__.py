"""Drift: what is deployed, how it differs from what is declared, and the requests that bring both together.

`deployed` reads DynamoDB's descriptions, `diff` compares, `requests` are the steps. Nothing here does input
or output: `operations.table_description` and `operations.table_update` do.
"""
