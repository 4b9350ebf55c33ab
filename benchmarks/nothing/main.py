def handler(_event: object, _context: object) -> None:
    return None
