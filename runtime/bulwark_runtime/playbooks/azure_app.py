"""The function app of the playbooks: what starts the responder on Azure."""

import json

import azure.functions as func

from . import azure

app = func.FunctionApp()


@app.function_name("meet")
@app.service_bus_queue_trigger(
    arg_name="message", queue_name="%BULWARK_QUEUE%", connection=azure.CONNECTION
)
def meet(message: func.ServiceBusMessage) -> None:
    azure.meet(message.get_body(), message.delivery_count or 1)


# Azure itself asks who calls, before the app is reached.
@app.function_name("decide")
@app.route(route="decisions", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def decide(req: func.HttpRequest) -> func.HttpResponse:
    status, answer = azure.decide(req.headers, req.get_body())
    return func.HttpResponse(json.dumps(answer), status_code=status, mimetype="application/json")


@app.function_name("history")
@app.timer_trigger(arg_name="timer", schedule="0 47 3 * * *", use_monitor=False)
def history(timer: func.TimerRequest) -> None:  # noqa: ARG001 the host wants it there
    azure.forget()
