"""The guard's own entry point, which is let to call this machine: the guard itself never does.

No setting leads here. It is a handler of the tests, beside the code that is deployed.
"""

import os
import ssl

from bulwark_runtime.input_guard import aws_proxy
from bulwark_runtime.input_guard.doors.https import Https


def here():
    return Https(
        resolve=lambda host, port: ["127.0.0.1"],
        may=lambda address: address == "127.0.0.1",
        trust=ssl.create_default_context(cafile=os.environ["AUTHORITY_OF_THE_TEST"]),
    )


aws_proxy._SENDERS = {**aws_proxy._SENDERS, "http": here}
os.environ[aws_proxy.FOLDER] = os.environ["FOLDER_OF_THE_TEST"]
handler = aws_proxy.handler
