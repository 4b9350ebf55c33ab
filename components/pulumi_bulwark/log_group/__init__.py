"""Log groups. A building block: every capability that writes logs has its own."""
