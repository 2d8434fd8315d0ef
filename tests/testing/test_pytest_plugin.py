"""The pytest plugin, as its users have it: in runs of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynamodel.testing import find_dynamodb_local

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

TESTS = """
    import pytest

    def test_plain():
        pass

    def test_engine(dynamodb_local):
        assert dynamodb_local.table_names() == []

    @pytest.mark.dynamodb_local
    def test_marked():
        pass

    def test_late(request):
        request.getfixturevalue("dynamodb_local")
"""


@pytest.fixture
def users(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with four tests, three of which want DynamoDB Local."""
    pytester.makepyfile(TESTS)
    return pytester


@pytest.fixture
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAMODB_LOCAL_JAR", str(tmp_path / "absent.jar"))
    monkeypatch.delenv("DYNAMODB_LOCAL_REQUIRED", raising=False)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_without_the_engine_its_tests_are_skipped_and_that_is_said_once(
    users: pytest.Pytester, workers: list[str]
) -> None:
    result = users.runpytest_subprocess("--strict-markers", *workers)
    result.assert_outcomes(passed=1, skipped=3)
    result.stdout.fnmatch_lines(["DynamoDB Local not found: 3 tests skipped; to run them: npm install*"])
    assert result.stdout.str().count("to run them") == 1


@pytest.mark.usefixtures("no_engine")
def test_without_the_engine_its_tests_fail_where_it_is_required(
    users: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNAMODB_LOCAL_REQUIRED", "1")
    result = users.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=2, failed=1)
    result.stdout.fnmatch_lines(["*DYNAMODB_LOCAL_JAR=*absent.jar*", "*DYNAMODB_LOCAL_REQUIRED=1*"])


@pytest.mark.usefixtures("no_engine")
def test_nothing_is_said_where_nothing_was_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.skip(reason='not today')\ndef test_a(): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(skipped=1)
    result.stdout.no_fnmatch_line("*DynamoDB Local*")


@pytest.mark.usefixtures("no_engine")
def test_the_mark_selects(users: pytest.Pytester) -> None:
    result = users.runpytest_subprocess("-m", "not dynamodb_local")
    result.assert_outcomes(passed=1, skipped=1, deselected=2)  # test_late cannot be known beforehand


@pytest.fixture
def engine_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytester works in another folder, from which the engine may not be found. Ask for this one first."""
    monkeypatch.setenv("DYNAMODB_LOCAL_JAR", str(find_dynamodb_local()))


@pytest.mark.dynamodb_local
def test_a_test_leaves_no_tables_but_those_it_found(
    engine_from_anywhere: None, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile("""
        from contextlib import closing
        import pytest
        from dynamodel import Table

        @pytest.fixture(scope="session", autouse=True)
        def shared(dynamodb_local):
            with dynamodb_local.connect() as db:
                db.create_table(Table("Shared", partition_key="pk"))

        @pytest.mark.parametrize("n", [1, 2])
        def test_tables(dynamodb_local, dynamodb_local_db, n):
            assert dynamodb_local.table_names() == ["Shared"]
            dynamodb_local_db.create_table(Table("Own", partition_key="pk"))
            assert dynamodb_local.table_names() == ["Own", "Shared"]
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
