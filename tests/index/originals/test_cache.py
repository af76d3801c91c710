"""A cache that is bounded in bytes."""

from __future__ import annotations

from index.originals.cache import Cache


def test_what_was_asked_for_last_stays() -> None:
    cache, made = Cache(10), list[str]()

    def make(name: str, size: int) -> bytes:
        def made_now() -> bytes:
            made.append(name)
            return name.encode() * size

        return cache.get(name, made_now)

    assert make("a", 4) == make("a", 4) == b"aaaa"
    assert make("b", 4) == b"bbbb"
    make("a", 4)
    make("c", 4)  # b goes
    assert cache.size == 8
    make("a", 4)
    make("b", 4)  # c goes
    assert made == ["a", "b", "c", "b"]
    assert make("d", 11) == b"d" * 11  # more than there is room for
    assert cache.size == 8
