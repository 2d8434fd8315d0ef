"""The benchmarks run, and what they say about themselves is so."""

from __future__ import annotations

import json

import pytest

from bench import cold_start


def test_cold_starts(capsys):
    cold_start.main(["--runs", "1", "--json", "--only", "bare_python", "boto3_client", "dynamodel_plain"])
    found = json.loads(capsys.readouterr().out)
    assert (found["runs"], found["pyc"]) == (1, True)
    handlers = found["handlers"]
    assert handlers["bare_python"]["modules"] < handlers["boto3_client"]["modules"]
    for each in handlers.values():
        assert each["compiled"] == each["modules"]
        assert each["cpu"] == pytest.approx(each["start"] + each["imported"] + each["answered"])


def test_without_bytecode(capsys):
    cold_start.main(["--runs", "1", "--json", "--only", "bare_python", "--without-pyc"])
    bare = json.loads(capsys.readouterr().out)["handlers"]["bare_python"]
    assert bare["compiled"] == 0 < bare["modules"]


@pytest.mark.parametrize(
    "wrong", [["--runs", "0"], ["--runs", "-1"], ["--runs", "many"], ["--only", "nosuch"]]
)
def test_wrong_arguments(wrong, capsys):
    with pytest.raises(SystemExit):
        cold_start.main(wrong)
    assert f"error: argument {'-n/--runs' if '--runs' in wrong else '--only'}: " in capsys.readouterr().err


def test_a_table(capsys):
    cold_start.main(["--runs", "1", "--only", "bare_python", "boto3_client"])
    shown = capsys.readouterr().out
    assert "boto3 client" in shown
    assert "1.00" in shown
    assert "Medians of 1 fresh processes" in shown
