"""Azure key vaults. A building block: keys and secrets each have one of their own."""
