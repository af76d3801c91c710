"""The library over HTTP: sorted, sought in, paged from anywhere, and as folders."""

from __future__ import annotations

import httpx
import pytest

NAMES = ["boat 10", "anchor", "boat 9", "Ärger", "cove"]


@pytest.fixture(autouse=True)
def stored(client: httpx.Client) -> None:
    for number, title in enumerate(NAMES):
        text = "Words. " * (len(NAMES) - number)
        folder = "hr/" if number < 2 else "hr/pay/may/" if number < 4 else ""
        note = {"uri": f"{folder}{number}.txt", "title": title, "text": text}
        client.post("/v1/documents", json=note).raise_for_status()


def titles(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["title"] for each in page["documents"]]


def test_a_sorted_list_is_followed_to_its_end(client: httpx.Client) -> None:
    for sort, descending, wanted in (
        ("stored", False, NAMES),
        ("name", False, ["anchor", "Ärger", "boat 9", "boat 10", "cove"]),
        ("name", True, ["cove", "boat 10", "boat 9", "Ärger", "anchor"]),
        ("size", False, NAMES[::-1]),
    ):
        asked: dict[str, str | int | bool] = {"sort": sort, "descending": descending, "limit": 2}
        found: list[str] = []
        while True:
            page = client.get("/v1/documents", params=asked).json()
            assert page["total"] == 5
            assert len(page["documents"]) <= 2
            found += titles(page)
            if page["next"] is None:
                break
            asked["after"] = page["next"]
        assert found == wanted


def test_what_is_removed_or_added_meanwhile_makes_no_page_skip_or_repeat(
    client: httpx.Client,
) -> None:
    asked = {"sort": "name", "limit": "2"}
    first = client.get("/v1/documents", params=asked).json()
    client.delete(f"/v1/documents/{first['documents'][1]['id']}").raise_for_status()
    client.post("/v1/documents", json={"uri": "n", "title": "anchors", "text": "New."})
    second = client.get("/v1/documents", params={**asked, "after": first["next"]}).json()
    assert titles(second) == ["boat 9", "boat 10"]


def test_a_part_of_it_is_sought_in_and_marks_lead_into_it(client: httpx.Client) -> None:
    page = client.get("/v1/documents", params={"query": "BOAT", "sort": "name"}).json()
    assert (titles(page), page["total"], page["next"], page["marks"]) == (
        ["boat 9", "boat 10"],
        2,
        None,
        None,
    )
    assert titles(client.get("/v1/documents", params={"query": "arger"}).json()) == ["Ärger"]
    asked = {"in": "hr/", "sort": "name", "limit": "3", "marks": "true"}
    page = client.get("/v1/documents", params=asked).json()
    assert (titles(page), page["total"]) == (["anchor", "Ärger", "boat 9"], 4)
    assert page["marks"] == [page["next"]]
    after = client.get("/v1/documents", params={"in": "hr/", "sort": "name", "after": page["next"]})
    assert titles(after.json()) == ["boat 10"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"after": "nonsense!"}, "`after` is no `next` of a list sorted by `stored`"),
        ({"after": "WzEsMl0", "sort": "name"}, "sorted by `name`"),  # [1,2]
        ({"after": "WyJhIiwyXQ"}, "sorted by `stored`"),  # ["a",2]
        ({"offset": "1", "query": "a"}, "An offset goes with no sort, query or after"),
        ({"sort": "colour"}, "sort"),
        ({"in": "nowhere"}, "there is no collection 'nowhere'"),
    ],
)
def test_what_cannot_be_listed_is_a_problem(
    client: httpx.Client, asked: dict[str, str], said: str
) -> None:
    response = client.get("/v1/documents", params=asked)
    assert response.status_code == (404 if "in" in asked else 422)
    assert said in response.json()["detail"]


def test_folders_are_a_tree(client: httpx.Client) -> None:
    """A folder with nothing but one other in it is passed over."""
    tree = client.get("/v1/tree").json()
    assert tree == {"folder": "", "folders": [{"folder": "hr/", "documents": 4, "folders": 1}]}
    tree = client.get("/v1/tree", params={"folder": "hr/"}).json()
    assert tree["folders"] == [{"folder": "hr/pay/may/", "documents": 2, "folders": 0}]
    assert client.get("/v1/tree", params={"folder": "hr/pay/may"}).json()["folders"] == []
