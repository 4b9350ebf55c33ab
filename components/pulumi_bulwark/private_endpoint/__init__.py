"""Private addresses for what has a public one on Azure. A building block of what holds data."""
