"""Experimental design without Django: who gets what next, in which order, and whose answers count."""
