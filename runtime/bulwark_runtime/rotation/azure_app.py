"""The function app that rotates secrets on Azure: `app` is its entry point."""

from typing import Final

import azure.functions as func

from . import azure

EACH_QUARTER_OF_AN_HOUR: Final = "0 */15 * * * *"
"""So that a first value does not wait, and a run that failed is made up for."""

app = func.FunctionApp()


@app.timer_trigger(arg_name="timer", schedule=EACH_QUARTER_OF_AN_HOUR)
def rotate(timer: func.TimerRequest) -> None:
    """One run at a time: the host sees to it. Two do no harm to a value that is there already."""
    del timer
    azure.run()
