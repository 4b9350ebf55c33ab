"""Roles of workloads: IAM roles inside a boundary, and managed identities of Entra ID."""
