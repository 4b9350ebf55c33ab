"""What the values of secrets that rotate are like."""

from typing import Literal

Kind = Literal["generated", "pepper"]
"""Letters and digits of chance, or the peppers of a credential vault: a class each in
bulwark_runtime.rotation."""
