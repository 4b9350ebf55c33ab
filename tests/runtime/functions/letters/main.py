"""A function app with a function of each kind that ours have; it says what it was given."""

import json
import logging
import os
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
other = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def _said(**what: object) -> None:
    logging.getLogger("letters").info("given %s", json.dumps(what))


@app.route("letters/{letter}", methods=["POST"])
def write(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    told = {
        "letter": req.route_params["letter"],
        "query": dict(req.params),
        "principal": req.headers.get("X-MS-CLIENT-PRINCIPAL-ID"),
        "body": req.get_body().decode(),
        "function": context.function_name,
    }
    return func.HttpResponse(json.dumps(told), status_code=201, headers={"X-Kept": "yes"})


@app.route("{*rest}")
async def anything(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"nothing at {req.route_params['rest']}", status_code=404)


@app.route("keyed", auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route("broken")
def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("ink is out")


@app.timer_trigger(arg_name="timer", schedule="0 */5 * * * *")
def nightly(timer: func.TimerRequest) -> None:
    _said(past_due=timer.past_due)


@app.queue_trigger(arg_name="msg", queue_name="letters", connection="AzureWebJobsStorage")
def queued(msg: func.QueueMessage) -> None:
    _said(text=msg.get_body().decode(), count=msg.dequeue_count)
    if msg.get_body() == b"bad":
        raise ValueError("cannot be read")


@app.event_grid_trigger(arg_name="event")
def told(event: func.EventGridEvent) -> None:
    _said(type=event.event_type, subject=event.subject, data=event.get_json())


@app.service_bus_queue_trigger(
    arg_name="msg", queue_name="letters", connection="BUS", is_sessions_enabled=True
)
def in_order(msg: func.ServiceBusMessage) -> None:
    _said(text=msg.get_body().decode(), session=msg.session_id, count=msg.delivery_count)


@other.route("document")
def document(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(
        Path(os.environ["BULWARK_FILES"], "guard", "document.json").read_text()
    )
