"""The threads of the example, as they are: 2015-02-31 does not exist, and stays."""

from __future__ import annotations

from examples.forum.models import Thread

__all__ = ["THREADS"]

_ROWS = """
S3   aaa  2015-03-15:17:24:31  12
S3   bbb  2015-01-22:23:18:01  3
S3   ccc  2015-02-31:13:14:21  4
S3   ddd  2015-01-03:09:21:11  9
EC2  yyy  2015-02-12:11:07:56  18
EC2  zzz  2015-01-18:07:33:42  0
RDS  rrr  2015-01-19:01:13:24  3
RDS  sss  2015-03-11:06:53:00  11
RDS  ttt  2015-10-22:12:19:44  5
"""

THREADS = [
    Thread(forum_name=forum, subject=subject, last_post=last_post, replies=int(replies))
    for forum, subject, last_post, replies in (row.split() for row in _ROWS.strip().splitlines())
]
