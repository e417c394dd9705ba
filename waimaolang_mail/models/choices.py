# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Selections that more than one model offers, once each."""

SECURITY = [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")]
VISIBILITY = [
    ("everyone", "Everyone"),
    ("team", "The sales team"),
    ("owner", "The owner alone"),
]
UNKNOWN_POLICY = [
    ("triage", "Keep, for the owner alone"),
    ("lead", "Create a lead"),
    ("ignore", "Do not keep"),
]
HISTORY_WINDOW = [
    ("0", "None, only new mail"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "One year"),
    ("-1", "Everything"),
]

COVERAGE = [
    ("whole", "All accounted for"),
    ("working", "In progress"),
    ("differs", "Does not add up"),
    ("off", "Not fetched"),
]
