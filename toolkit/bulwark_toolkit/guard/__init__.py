"""The input guard at a desk: requests from a file, and exclusions from a log."""
