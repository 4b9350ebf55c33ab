import bcrypt


def handler(event, context):
    return {"event": event, "checked": bcrypt.checkpw(b"x", bcrypt.hashpw(b"x", bcrypt.gensalt(4)))}
