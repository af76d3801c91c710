"""What OpenAPI says is so."""

from __future__ import annotations

from typing import Any

import httpx

CONTRACT = {
    ("/v1/documents", "post"): "201",
    ("/v1/documents", "get"): "200",
    ("/v1/documents/{document_id}", "get"): "200",
    ("/v1/documents/{document_id}", "delete"): "204",
    ("/v1/documents/{document_id}/text", "get"): "200",
    ("/v1/collections", "get"): "200",
    ("/v1/collections", "post"): "201",
    ("/v1/collections/{name}", "get"): "200",
    ("/v1/collections/{name}", "post"): "200",
    ("/v1/collections/{name}", "delete"): "204",
    ("/v1/places", "get"): "200",
    ("/v1/tree", "get"): "200",
    ("/v1/quotas", "get"): "200",
    ("/v1/quotas", "post"): "200",
    ("/v1/settings", "get"): "200",
    ("/v1/settings", "post"): "200",
    ("/v1/settings/servers", "post"): "200",
    ("/v1/settings/try", "post"): "200",
    ("/v1/documents/remove", "post"): "200",
    ("/v1/documents/reread", "post"): "202",
    ("/v1/undo/{undo}", "post"): "200",
    ("/v1/folders", "get"): "200",
    ("/v1/jobs", "get"): "200",
    ("/v1/jobs/{job_id}", "get"): "200",
    ("/v1/jobs/{job_id}", "delete"): "200",
    ("/v1/search", "post"): "200",
    ("/v1/ask", "post"): "200",
    ("/v1/chat/completions", "post"): "200",
    ("/v1/completions", "post"): "200",
    ("/v1/responses", "post"): "200",
    ("/v1/feedback", "post"): "201",
    ("/v1/feedback", "get"): "200",
    ("/v1/models", "get"): "200",
    ("/v1/models/{model}", "get"): "200",
    ("/v1/embeddings", "post"): "200",
    ("/v1/whoami", "get"): "200",
    ("/v1/sign-out", "post"): "200",
    ("/v1/documents/{document_id}/original", "get"): "200",
    ("/v1/documents/{document_id}/pages/{page}.png", "get"): "200",
    ("/v1/documents/{document_id}/rectangles", "get"): "200",
    ("/health", "get"): "200",
    ("/ready", "get"): "200",
    ("/metrics", "get"): "200",
}


def operations(schema: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


OPENAI = ("/v1/chat/", "/v1/completions", "/v1/responses", "/v1/models", "/v1/embeddings")


def test_the_contract_is_described_and_errors_are_in_their_form(client: httpx.Client) -> None:
    described = operations(client.get("/openapi.json").json())
    assert {key: min(one["responses"]) for key, one in described.items()} == CONTRACT
    for (path, _), operation in described.items():
        form = "application/json" if path.startswith(OPENAI) else "application/problem+json"
        assert operation["description"]
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == [form]


def test_every_example_succeeds_as_documented(client: httpx.Client, founding: str) -> None:
    tried = 0
    for (path, method), operation in operations(client.get("/openapi.json").json()).items():
        content = operation.get("requestBody", {}).get("content", {})
        for example in content.get("application/json", {}).get("examples", {}).values():
            response = client.request(method, path, json=example["value"])
            assert str(response.status_code) == CONTRACT[path, method], example
            kinds = operation["responses"][str(response.status_code)]["content"]
            assert response.headers["content-type"].partition(";")[0] in kinds
            tried += 1
    assert tried == 14


def test_the_viewers_that_load_from_elsewhere_are_not_served(client: httpx.Client) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
