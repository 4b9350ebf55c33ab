"""Attacks and honest traffic for measuring the input guard; none of the lists is copied here."""
