"""A handler as small services have it: JSON in, a digest and JSON out."""

import hashlib
import json


def handler(event, context):
    text = json.dumps(event, sort_keys=True)
    return {"digest": hashlib.sha256(text.encode()).hexdigest(), "length": len(text)}
