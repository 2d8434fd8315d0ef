"""Handlers that do one thing each, as programs without dynamodel have them."""

import os
import sys
import time

print("init code")
_calls = []


def count(event, context):
    _calls.append(event)
    print(f"call {len(_calls)}")
    return len(_calls)


def echo(event, context):
    return event


def describe(event, context):
    return {
        "environment": dict(os.environ),
        "arn": context.invoked_function_arn,
        "request_id": context.aws_request_id,
        "version": context.function_version,
        "milliseconds": context.get_remaining_time_in_millis(),
        "folder": os.getcwd(),
        "input": sys.stdin.read(),
    }


def wait(event, context):
    """Runs until a file appears."""
    while not os.path.exists(event["until"]):
        time.sleep(0.01)
    return "waited"


def sleep(event, context):
    time.sleep(60)


def fail(event, context):
    print("about to fail")
    raise ValueError("it failed")


def leave(event, context):
    os._exit(event)


def kill(event, context):
    os.kill(os.getpid(), 9)


def unmarshallable(event, context):
    return {1, 2}


def large(event, context):
    return "x" * event


def loud(event, context):
    print("x" * 3_000_000)
    print("the end")


def poison(event, context):
    """Notes each event that it is done with; fails for some."""
    if event["bad"]:
        raise ValueError("poison")
    with open(event["done"], "a") as file:
        file.write(f"{event['number']}\n")


def note(event, context):
    """Notes the whole event in the file that the variable NOTES names."""
    import json

    with open(os.environ["NOTES"], "a") as file:
        file.write(json.dumps(event) + "\n")
