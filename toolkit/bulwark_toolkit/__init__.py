"""Tools for any Pulumi program in Python.

`preview` is the offline engine, `testing` the same as a pytest fixture, `cli` the command.
"""
