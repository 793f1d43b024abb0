"""Desk files of the functional tests."""

from __future__ import annotations

from tests.functional.dialects import agents

BUSINESS = "harbor"
TRANSFER = "+14155550100"

BUILTIN = """\
business: harbor
name: Harbor Clinic
time_zone: {zone}
locale: en-US
transfer_to: "+14155550100"
calendars:
  room: {{provider: builtin, hours: {{mon-sun: ["09:00-17:00"]}}, closed: [{closed}]}}
  hall: {{provider: builtin, hours: {{mon-sun: ["09:00-17:00"]}}}}
  ana-cal: {{provider: builtin, hours: {{mon-sun: ["10:00-16:00"]}}}}
  ben-cal: {{provider: builtin, hours: {{mon-sun: ["10:00-16:00"]}}}}
staff:
  ana: {{name: Ana, calendar: ana-cal}}
  ben: {{name: Ben, calendar: ben-cal}}
services:
  consult: {{name: Consultation, calendar: room, minutes: 30, offer: {{days_ahead: 90, step_minutes: 30}}}}
  long: {{name: Long visit, calendar: room, minutes: 60, offer: {{days_ahead: 90, step_minutes: 30}}}}
  fitting:
    name: Fitting
    calendar: hall
    minutes: 30
    buffers: {{before_minutes: 15, after_minutes: 15}}
    offer: {{days_ahead: 90, step_minutes: 30}}
  massage:
    name: Massage
    minutes: 60
    staff: {{pool: [ana, ben], pick: least_recent}}
    offer: {{days_ahead: 90, step_minutes: 60}}
agents:
  front: {{platform: generic, services: [consult, long, fitting, massage], auth: {{bearer: "${{DESK_KEY}}"}}}}
  solo: {{platform: generic, services: [consult], auth: {{bearer: "${{DESK_KEY}}"}}}}
""" + agents("consult, massage").replace("{", "{{").replace("}", "}}")
"""Two rooms and two people on the built-in calendar; `closed` is a date on which the room does not open."""
