"""Example applications. Run one with `python -m examples.movies`."""
