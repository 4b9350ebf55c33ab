"""Tables. A building block: every capability that keeps records has its own."""
