"""Keeps documents and finds passages; knows nothing of answers."""
