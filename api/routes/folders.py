"""`/v1/folders`: the folders that the server keeps the store in step with."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.context import TheFollowing
from api.http.problems import documented
from api.schemas import FolderList, FollowedFolder

router = APIRouter(tags=["documents"])


@router.get("/v1/folders", responses=documented(403))
def list_folders(following: TheFollowing) -> FolderList:
    """The folders of the setting `sync_folders` and how each stands. What changes in them is added,
    replaced and removed within seconds."""
    return FolderList(folders=[FollowedFolder.of(each) for each in following.stands()])
