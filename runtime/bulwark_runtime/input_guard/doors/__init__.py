"""The ways to the guard: what stands between a request, the guard's verdict and a backend.

Nothing here knows a cloud; `aws_*.py` beside this folder do.
"""
