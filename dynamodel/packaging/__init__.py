"""Deployment packages of Lambda handlers: a zip with only what a handler needs, and what its cold start imports."""
