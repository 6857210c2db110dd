"""The desk: processes, conversations, notes, drafts, replies."""
