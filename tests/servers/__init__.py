"""Real servers for the tests and the demo, private to this clone and reachable on the
loopback interface only.

Plain Python without Odoo: each class starts its server as a child of this process (or
leaves it behind with a pid file, for the demo) and stops only what it started.
"""
