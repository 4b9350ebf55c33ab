"""The function app of the vault on Azure: `app` is its entry point."""

import os

from .azure import Settings
from .azure_functions import app_of

app = app_of(Settings.read(os.environ))
