"""The environment is changed for a while, and then as it was."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import botocore.session
import pytest

from dynamodel.testing.environment import changed_environment, offline_settings

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize("before", [None, "", "old"])
@pytest.mark.parametrize("during", [None, "", "new"])
def test_variables_come_back_as_they_were(
    monkeypatch: pytest.MonkeyPatch, before: str | None, during: str | None
) -> None:
    if before is None:
        monkeypatch.delenv("DYNAMODEL_X", raising=False)
    else:
        monkeypatch.setenv("DYNAMODEL_X", before)
    everything = dict(os.environ)
    with contextlib.suppress(KeyError), changed_environment({"DYNAMODEL_X": during}):
        assert os.environ.get("DYNAMODEL_X") == during
        raise KeyError
    assert dict(os.environ) == everything


def test_other_variables_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DYNAMODEL_X", raising=False)
    monkeypatch.setenv("DYNAMODEL_Y", "1")
    with changed_environment({"DYNAMODEL_X": "x"}):
        monkeypatch.setenv("DYNAMODEL_Y", "2")
    assert os.environ["DYNAMODEL_Y"] == "2"


def test_the_developers_account_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    outside: Mapping[str, str] = {
        "AWS_PROFILE": "a-profile-that-is-not-there",
        "AWS_ACCESS_KEY_ID": "REAL",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://elsewhere.invalid",
        "AWS_ACCOUNT_ID": "111122223333",
    }
    for name, value in outside.items():
        monkeypatch.setenv(name, value)
    with changed_environment(offline_settings("eu-north-1")):
        client = botocore.session.Session().create_client("dynamodb")
        assert client._get_credentials().access_key == "testing"
        assert client.meta.endpoint_url == "https://dynamodb.eu-north-1.amazonaws.com"
        assert client._get_credentials().account_id is None
