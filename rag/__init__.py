"""Turns a question into an answer whose every citation is a verified quote."""
