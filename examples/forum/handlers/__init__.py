"""Lambda handlers of the forum: an API behind a function URL for signed requests.

- `api.py`: lists the threads of a forum page by page, and posts replies, each once.
- `stack.py`: the function. `python -m dynamodel synth examples.forum.handlers.stack` gives its template.

`python -m examples.forum.handlers` runs it on this machine.
"""
