"""Verifies one webhook with the library of Standard Webhooks: secret, headers and body come as JSON, and what it tells is printed."""

import json
import sys

from standardwebhooks import Webhook

webhook = json.load(sys.stdin)
print(json.dumps(Webhook(webhook["secret"]).verify(webhook["body"], webhook["headers"])))
