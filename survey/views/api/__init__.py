"""What programs read with a token, below /api/v1/ (docs/tasks/read-by-program.md); nothing changes but the log.

`doors` decides who may, `endpoints` lists the addresses, and `describing` makes the OpenAPI description from that list.
"""
