"""Pages of business cases: their list, a case, and filing a conversation under one."""
