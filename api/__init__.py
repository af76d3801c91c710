"""Every way in: HTTP, the chat page, the command line."""
