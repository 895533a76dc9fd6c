"""Readers of the data sets networks are trained on."""
