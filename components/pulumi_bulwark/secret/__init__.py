"""A secret's policy and its rotation. A building block: named secrets and the vault's pepper."""
