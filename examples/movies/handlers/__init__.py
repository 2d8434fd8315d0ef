"""Lambda handlers of the movies example, and the functions that are deployed with them.

- `hello.py`: logs the event that it gets.
- `api.py`: a movie and its cast, behind a function URL; one that is public, one for signed requests.
- `cast_count.py`: keeps the number of each movie's actors, from the changes of the table MovieCast.
- `imports.py`: takes movies from a queue.
- `stack.py`: the functions. `python -m dynamodel synth examples.movies.handlers.stack` gives their template.

`python -m examples.movies.handlers` runs them on this machine. `dynamodel package` makes what is deployed:
`python -m dynamodel package examples.movies.handlers.api:api -o build/movies_api.zip`.
"""
