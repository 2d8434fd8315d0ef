"""Bad uses of HTTP handlers: every line that ends with `# error` is refused, and no other."""

from __future__ import annotations

from lambda_good import Song, api, change, song

from dynamodel import Attr, attribute
from dynamodel.aws_lambda.http import Api, HttpSource, Input

Api()  # error
Api(__name__, source="REST")  # error
Api(__name__, cors=True)  # error
HttpSource.ALB  # error
api.get("/x", middlewares=3)  # error
api.get(3)  # error
api.get("/x")(3)  # error
api.head("/x")  # error

# a decorated function takes what it took
song("1")  # error
song(1).title  # error
change(1, {"title": "x"})  # error


def use(body: Input[Song], of_a_number: Input[int]) -> Song:  # error
    body[Song.title] + 1  # error
    body[Song.rating] + 1  # error
    body["title"].upper()  # error
    body.title  # error
    3 in body  # error
    body.build("x")  # error
    body.actions("x")  # error
    return body  # error


Input(int, {})  # error
Input(Song, [])  # error

title: Attr[str] = attribute(writable="yes")  # error
version: Attr[int] = attribute(version=True, writable=True)  # error
