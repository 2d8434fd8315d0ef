"""What the hooks around a SnapStart snapshot do."""

from snapshot_restore_py import register_after_restore, register_before_snapshot

from dynamodel.aws_lambda import db, handler

done = []
register_before_snapshot(lambda: done.append("before"))
register_after_restore(lambda: done.append("after"))


@handler()
def tell(event, context):
    return [done, db.times_opened]
