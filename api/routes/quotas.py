"""`/v1/quotas`: how much collections may hold."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.context import TheAssistant
from api.http.problems import documented
from api.schemas import CollectionQuota, NewQuota, QuotaList
from index.quotas import Quota, Quotas, Standing

router = APIRouter(tags=["collections"])


@router.get("/v1/quotas", responses=documented(403, 503))
def list_quotas(assistant: TheAssistant) -> QuotaList:
    """The quotas in order of name, and what those collections hold; for admins."""
    return QuotaList(quotas=[_told(one) for one in Quotas(assistant.index.store).all()])


@router.post("/v1/quotas", responses=documented(400, 403, 413, 422, 503))
def set_quota(asked: NewQuota, assistant: TheAssistant) -> QuotaList:
    """Set the quota of a collection, in the place of the one it has; without limits it has none.
    What it holds already stays. All quotas come back; for admins."""
    quotas = Quotas(assistant.index.store)
    quotas.set(asked.collection, Quota(asked.documents, asked.bytes))
    return QuotaList(quotas=[_told(one) for one in quotas.all()])


def _told(one: Standing) -> CollectionQuota:
    return CollectionQuota(
        collection=one.name,
        documents=one.quota.documents,
        bytes=one.quota.bytes,
        held_documents=one.held.documents,
        held_bytes=one.held.bytes,
    )
