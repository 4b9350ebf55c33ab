"""Hardened components for a fintech's cloud, for any Pulumi program in Python.

A folder is a capability: `keys.spec` has its settings, `keys.aws` its component. `stacks` wires
them into whole environments, `config` reads a stack file.

Errors:

    BulwarkError        everything that a user can mend; shown by Pulumi without a traceback
    └─ ConfigError      one or more wrong settings, all in one message
"""
