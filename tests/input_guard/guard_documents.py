"""Documents with one operation, for tests."""


def document(operation=None, *, schema=None, version="3.0.3", parameters=(), path="/notes", **top):
    content = {"operationId": "op", "parameters": list(parameters), **(operation or {})}
    if schema is not None:
        content["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return {"openapi": version, "info": {}, "paths": {path: {"post": content}}, **top}
