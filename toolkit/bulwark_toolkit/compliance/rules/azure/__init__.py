"""Rules for Azure."""
