"""The function app of the block list: what starts the writer on Azure."""

import time

import azure.functions as func

from . import azure

app = func.FunctionApp()


# A session is read by one at a time, and all messages are of one: so there is one writer.
@app.function_name("writer")
@app.service_bus_queue_trigger(
    arg_name="messages",
    queue_name="%BULWARK_QUEUE%",
    connection=azure.QUEUE,
    is_sessions_enabled=True,
    cardinality=func.Cardinality.MANY,
)
def writer(messages: list[func.ServiceBusMessage]) -> None:
    azure.work(messages)


# A minute late is no loss: what was missed while nothing ran is not made up for.
@app.function_name("clock")
@app.timer_trigger(arg_name="timer", schedule="0 * * * * *", use_monitor=False)
def clock(timer: func.TimerRequest) -> None:  # noqa: ARG001 the host wants it there
    azure.tick(int(time.time()) // 60)


@app.function_name("history")
@app.timer_trigger(arg_name="timer", schedule="0 17 3 * * *", use_monitor=False)
def history(timer: func.TimerRequest) -> None:  # noqa: ARG001
    azure.forget()
