from pathlib import Path

from hypothesis import configuration

pytest_plugins = ["bulwark_toolkit.testing"]

# What is made goes to build/, examples that failed before too.
configuration.set_hypothesis_home_dir(Path(__file__).parents[1] / "build" / "hypothesis")
