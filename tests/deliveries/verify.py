"""Verifies webhooks with the official Python library, as they arrive.

Reads one JSON object a line: {"secrets": [...], "headers": {...}, "body": "..."}, of which one secret has to verify the
signature. At the end of the input it prints {"verified": n, "refused": [...]}.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

verified, refused = 0, []
for line in sys.stdin:
    request = json.loads(line)
    errors = []
    for secret in request["secrets"]:
        try:
            Webhook(secret).verify(request["body"], request["headers"])
            break
        except (WebhookVerificationError, ValueError) as error:
            errors.append(str(error))
    else:
        refused.append({"id": request["headers"].get("webhook-id"), "errors": errors})
        continue
    verified += 1
json.dump({"verified": verified, "refused": refused}, sys.stdout)
