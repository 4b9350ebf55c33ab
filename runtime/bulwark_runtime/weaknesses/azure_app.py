"""The function app that counts weaknesses on Azure: `app` is its entry point."""

from typing import Final

import azure.functions as func

from . import azure

EACH_THREE_HOURS: Final = "0 7 */3 * * *"
"""So that whoever mends something sees the alarm end on the same day."""

app = func.FunctionApp()


@app.timer_trigger(arg_name="timer", schedule=EACH_THREE_HOURS)
def count(timer: func.TimerRequest) -> None:
    del timer
    azure.run()
