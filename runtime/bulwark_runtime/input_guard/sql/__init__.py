"""Text that becomes syntax in a SQL statement."""
