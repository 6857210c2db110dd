"""The desk: lists, conversations, composing, search."""
