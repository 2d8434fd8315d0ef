"""Handlers that answer the same event with the title of the same movie, each with other means.

Each module has `handler(event, context)`, and stands alone: what it imports is what is measured.
"""
