"""The direction of imports: footnote → api → rag → index, and inside each package downwards."""

from __future__ import annotations

from collections import defaultdict
from graphlib import TopologicalSorter

from support_imports import PACKAGES, ROOT, imports, room_of

FLOORS = {
    "index": (
        ("document", "errors", "generations", "giving_way", "glob", "vectors", "versions"),
        ("extras", "filter", "inference", "records", "text"),
        ("embed", "paging", "progress", "store", "uri"),
        ("wrapped",),
        ("quotas",),
        ("collections", "confined", "extract", "places", "postgres", "sqlite"),
        ("ingest", "load"),
        ("cluster", "originals", "sync"),
        ("index",),
    ),
    "rag": (
        ("answer", "clock", "facts", "setting_kinds", "stop"),
        ("settings",),
        ("traces",),
        ("chat", "cite", "open_index", "read", "retrieve", "settings_file"),
        ("finding", "write"),
        ("rewrite",),
        ("inquiry",),
        ("assistant",),
        ("build", "evaluate"),
        ("train",),
    ),
    "api": (
        ("access", "inline", "uploads"),
        ("folders",),
        ("backups", "http", "schemas"),
        ("mcp", "openai", "routes"),
        ("app",),
        ("cli",),
    ),
    "footnote": (
        ("library",),
        ("default",),
        ("__main__",),
    ),
}
HEAVY = {
    "authlib": {"api/access/discovery.py", "api/access/provider.py"},
    "faiss": {"index/vectors/faiss.py"},
    "grpc": {"index/cluster/cluster.py"},
    "httpx2": {"api/access/discovery.py", "api/access/provider.py"},
    "ir_measures": {"rag/evaluate/measures.py"},
    "joserfc": {
        "api/access/discovery.py",
        "api/access/provider.py",
        "api/access/seal.py",
    },
    "matplotlib": {"rag/evaluate/plots.py"},
    "onnx": {"index/inference/bert_graph.py"},
    "onnxruntime": {"index/inference/session.py"},
    "opentelemetry": {"api/http/traced.py", "rag/traces.py"},
    "psycopg": {"index/postgres/connections.py"},
    "psycopg_pool": {"index/postgres/connections.py"},
    "ray": {"index/cluster/cluster.py"},
    "sentence_transformers": {"index/embed/sentence_transformer.py"},
    "sklearn": {"rag/evaluate/measures.py"},
    "tantivy": {"index/sqlite/word_view.py"},
    "trafilatura": {"index/extract/format/html.py"},
    # Each of these runs models of another kind: embedders, readers, language models.
    "torch": {
        "index/inference/processor.py",
        "rag/chat/local_chat.py",
        "rag/read/span_transformers.py",
    },
    "transformers": {
        "index/embed/sentence_transformer.py",
        "rag/chat/local_chat.py",
        "rag/read/span_transformers.py",
    },
}
"""Where each library is imported that takes long to import, or that an extra brings."""


def test_each_room_has_one_floor() -> None:
    for package, floors in FLOORS.items():
        placed = [room for floor in floors for room in floor]
        found = {
            path.stem
            for path in (ROOT / package).iterdir()
            if (path.suffix == ".py" and path.stem != "__init__") or any(path.glob("*.py"))
        }
        assert len(placed) == len(set(placed))
        assert set(placed) == found, package


def test_packages_import_downwards() -> None:
    height = {package: place for place, package in enumerate(PACKAGES)}
    wrong = [
        str(each)
        for each in imports()
        if each.is_ours and height[each.package] > height[each.importer.partition(".")[0]]
    ]
    assert not wrong


def test_rooms_import_from_lower_floors() -> None:
    height = {
        f"{package}.{room}": place
        for package, floors in FLOORS.items()
        for place, floor in enumerate(floors)
        for room in floor
    }
    wrong = []
    for each in imports():
        if each.importer == "footnote":  # the face itself, which is on top of its rooms
            continue
        above, below = room_of(each.importer), room_of(each.module)
        within = each.is_ours and each.package == each.importer.partition(".")[0]
        if within and above != below and height[below] >= height[above]:
            wrong.append(str(each))
    assert not wrong


def test_no_folder_is_in_a_circle() -> None:
    below = defaultdict(set)
    for each in imports():
        if each.is_ours:
            above, imported = _folder(each.importer), _folder(each.module)
            if above != imported:
                below[above].add(imported)
    assert len(below) > 20
    TopologicalSorter(below).prepare()  # raises CycleError, which names the circle


def _folder(module: str) -> str:
    """The folder of a module; a module that lies on top of its package is alone."""
    folder = module.rpartition(".")[0]
    return folder if "." in folder else module


def test_heavy_libraries_load_where_they_are_used() -> None:
    users = defaultdict(set)
    for each in imports():
        if each.package in HEAVY and not each.path.startswith("rag/train/"):
            users[each.package].add(each.path)
            assert not each.at_once, each
    assert users == HEAVY


def test_nothing_imports_a_training_script() -> None:
    trained = [each for each in imports() if each.module.startswith("rag.train.")]
    assert all(each.importer.startswith("rag.train.") for each in trained)
