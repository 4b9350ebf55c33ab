"""Text that a browser would run if it were echoed as it is."""
