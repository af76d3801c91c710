"""`/v1/collections`: named sets of documents, which a question can be asked of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.openapi.models import Example

from api.http.context import TheAssistant
from api.http.problems import documented
from api.schemas import (
    Collection,
    CollectionChange,
    CollectionList,
    NewCollection,
    Place,
    PlaceList,
)
from index.places import places

router = APIRouter(tags=["collections"])

EXAMPLES: dict[str, Example] = {
    "folder": {
        "summary": "Whatever lies in a folder",
        "value": {"name": "contracts", "folders": ["legal/contracts/"]},
    },
    "empty": {"summary": "An empty one", "value": {"name": "to read"}},
}


@router.get("/v1/collections", responses=documented(503))
def list_collections(assistant: TheAssistant) -> CollectionList:
    """The collections in order of name, with how much is in each."""
    found = assistant.index.collections.all()
    return CollectionList(collections=[Collection.model_validate(one) for one in found])


@router.post(
    "/v1/collections", status_code=201, responses=documented(400, 403, 404, 409, 413, 422, 503, 507)
)
def create_collection(
    asked: Annotated[NewCollection, Body(openapi_examples=EXAMPLES)], assistant: TheAssistant
) -> Collection:
    """Make a collection of documents, of folders, or an empty one. A document may be in several;
    what is removed from the store is gone from them at once."""
    made = assistant.index.collections.create(asked.name, asked.documents, asked.folders)
    return Collection.model_validate(made)


@router.get("/v1/collections/{name}", responses=documented(404, 503))
def get_collection(name: str, assistant: TheAssistant) -> Collection:
    """One collection; `GET /v1/documents?in=NAME` lists what is in it."""
    return Collection.model_validate(assistant.index.collections.one(name))


@router.post("/v1/collections/{name}", responses=documented(400, 403, 404, 409, 413, 422, 503, 507))
def change_collection(name: str, asked: CollectionChange, assistant: TheAssistant) -> Collection:
    """Put documents into a collection, take some out, rename it; all of that or, with an error,
    nothing."""
    changed = assistant.index.collections.change(
        name,
        new_name=asked.name,
        add=asked.add,
        remove=asked.remove,
        add_folders=asked.add_folders,
        remove_folders=asked.remove_folders,
    )
    return Collection.model_validate(changed)


@router.delete("/v1/collections/{name}", status_code=204, responses=documented(403, 404, 503))
def delete_collection(name: str, assistant: TheAssistant) -> None:
    """Delete a collection; its documents stay in the store."""
    assistant.index.collections.delete(name)


@router.get("/v1/places", responses=documented(422, 503))
def list_places(
    assistant: TheAssistant,
    query: Annotated[str, Query(max_length=1000, description="what their names hold")] = "",
    limit: Annotated[int, Query(ge=1, le=100, description="most places to return")] = 8,
) -> PlaceList:
    """What a question can be asked of, for completing: collections, folders and documents whose
    names hold the query, each with its `filter`."""
    found = places(assistant.index.store, query, limit)
    return PlaceList(places=[Place.model_validate(one) for one in found])
