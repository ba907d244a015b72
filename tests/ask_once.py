"""Ask the server at a port how many jurisdictions it has; fail unless it says four.

Uses the standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import json
import sys
import urllib.request

QUERY = "%7Bjurisdictions%7BtotalCount%7D%7D"


def ask(port: int) -> object:
    """The answer, as parsed JSON."""
    url = f"http://127.0.0.1:{port}/graphql?query={QUERY}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    found = ask(int(sys.argv[1]))
    print(json.dumps(found))
    sys.exit(not isinstance(found, dict) or found["data"] != {"jurisdictions": {"totalCount": 4}})
