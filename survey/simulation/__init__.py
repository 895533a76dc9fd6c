"""Participants who are programs: they drive the real pages over HTTP and know what they will answer."""
