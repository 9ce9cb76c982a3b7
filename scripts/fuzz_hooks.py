"""Keeps the fuzzing's own API token alive, whose end would make every later answer a 401, and most idempotency keys unused."""

import itertools
import json
import os
import urllib.request
import uuid

import schemathesis

URL = os.environ["TACHO_FUZZ_URL"]
TOKEN = os.environ["TACHO_FUZZ_TOKEN"]
OWN = os.environ["TACHO_FUZZ_OWN"]


def another_token():
    body = {"name": str(uuid.uuid4()), "scopes": ["view_aggregates"], "expires_in_days": 1}
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{URL}/api/v1/tokens", data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)["token"]


calls = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.path == "/api/v1/tokens/{id}" and str((case.path_parameters or {}).get("id")) == OWN:
        # There is no token of that number.
        case.path_parameters["id"] = 999_999_999
    gives_back = case.path == "/api/v1/device/token" and case.method == "DELETE"
    token = another_token() if gives_back else TOKEN
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) < 200 and next(calls) % 4:
        # Else nearly every request would be refused for having the key of another; one in four still is.
        case.headers["Idempotency-Key"] = f"{key}-{uuid.uuid4()}"
