"""A handler that uses the shared client, and counts how often it was opened."""

from dynamodel import Attr, Entity, Table, attribute, primary_key
from dynamodel.aws_lambda import db, handler


class Note(Entity, table=Table("Notes")):
    number: Attr[int] = attribute()
    text: Attr[str] = attribute()
    by_number = primary_key(number)


@handler(patterns=[Note.put])
def write(event, context):
    db.run(Note(number=event["number"], text="hello").put())
    return db.times_opened
