pytest_plugins = ["bulwark_toolkit.testing"]
