"""What wakes somebody up, and that waking somebody up works."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import FUNCTIONS, ROOT, actions

if TYPE_CHECKING:
    from tests.infra.synthesis import Assembly, Properties

pytestmark = pytest.mark.infra

OPERATIONS = ROOT / "docs" / "operations.md"


def _alarms(assembly: Assembly, metric: str) -> list[Properties]:
    return [alarm for alarm in assembly.properties("AWS::CloudWatch::Alarm") if alarm["MetricName"] == metric]


def _watched(alarms: list[Properties]) -> list[str]:
    return sorted(dimension["Value"]["Ref"] for alarm in alarms for dimension in alarm["Dimensions"])


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_errors_and_throttles_of_every_function_are_watched(prod: Assembly, metric: str) -> None:
    assert _watched(_alarms(prod, metric)) == sorted(prod.function_id(tool) for tool in FUNCTIONS)


def test_every_dead_letter_queue_is_watched(prod: Assembly) -> None:
    alarms = _alarms(prod, "ApproximateNumberOfMessagesVisible")
    watched = {dimension["Value"]["Fn::GetAtt"][0] for alarm in alarms for dimension in alarm["Dimensions"]}
    queues = prod.of_type("AWS::SQS::Queue")

    assert watched == {id_ for id_, queue in queues.items() if "RedrivePolicy" not in queue["Properties"]}


def test_a_booking_in_doubt_for_three_minutes_is_noticed(prod: Assembly) -> None:
    (alarm,) = _alarms(prod, "OldestPendingSeconds")

    assert alarm["Namespace"] == "Slotline"
    assert alarm["Threshold"] == 180
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "reconcile-prod"}]


def test_a_duplicate_is_noticed_at_once(prod: Assembly) -> None:
    (alarm,) = _alarms(prod, "DuplicatesFound")

    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "reconcile-prod"}]


def test_a_broken_promise_is_noticed_at_once(prod: Assembly) -> None:
    (alarm,) = _alarms(prod, "PromisesBroken")

    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "reconcile-prod"}]


@pytest.mark.parametrize("metric", ["RecordedEventsMissing", "EndedEventsStanding"])
def test_a_calendar_and_a_record_that_part_are_noticed_at_once(prod: Assembly, metric: str) -> None:
    (alarm,) = _alarms(prod, metric)

    assert (alarm["Namespace"], alarm["Statistic"], alarm["TreatMissingData"]) == ("Slotline", "Sum", "notBreaching")
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "reconcile-prod"}]


def test_a_task_for_a_person_is_noticed_whoever_carries_the_effect_out(prod: Assembly) -> None:
    """The queue's worker does, and the sweep what the stream has lost."""
    alarms = _alarms(prod, "HumanTasks")

    assert {(a["Namespace"], a["Statistic"], a["Threshold"], a["EvaluationPeriods"]) for a in alarms} == {
        ("Slotline", "Sum", 0, 1)
    }
    assert [alarm["Dimensions"] for alarm in sorted(alarms, key=lambda a: a["Dimensions"][0]["Value"])] == [
        [{"Name": "service", "Value": "reconcile-prod"}],
        [{"Name": "service", "Value": "sms_confirm-prod"}],
    ]


@pytest.mark.parametrize(
    "metric",
    [
        "OldestPendingSeconds",
        "DuplicatesFound",
        "RecordedEventsMissing",
        "EndedEventsStanding",
        "HumanTasks",
        "DriftFound",
        "LocksWithoutBooking",
    ],
)
def test_a_metric_that_is_watched_is_one_that_the_code_counts(metric: str) -> None:
    code = (path.read_text() for path in (ROOT / "layers" / "shared" / "python" / "slotline").rglob("*.py"))

    assert any(f'"{metric}"' in text for text in code)


def test_a_wrong_set_up_is_noticed_wherever_it_shows(prod: Assembly) -> None:
    services = [alarm["Dimensions"][0]["Value"] for alarm in _alarms(prod, "SetupErrors")]

    assert sorted(services) == [f"{tool}-prod" for tool in sorted(FUNCTIONS)]


def test_a_metric_of_our_own_is_watched_under_the_name_the_function_uses(prod: Assembly) -> None:
    names = {prod.function(tool)["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for tool in FUNCTIONS}
    spaces = {prod.function(tool)["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] for tool in FUNCTIONS}
    own = [alarm for alarm in prod.properties("AWS::CloudWatch::Alarm") if not alarm["Namespace"].startswith("AWS/")]

    assert {alarm["Namespace"] for alarm in own} == spaces
    assert {dimension["Value"] for alarm in own for dimension in alarm["Dimensions"]} <= names


def test_a_silent_reconciler_is_noticed_because_missing_data_counts(prod: Assembly) -> None:
    (alarm,) = _alarms(prod, "Invocations")

    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert _watched([alarm]) == [prod.function_id("reconcile")]


def test_the_stream_and_the_api_are_watched(prod: Assembly) -> None:
    (lag,) = _alarms(prod, "IteratorAge")
    (broken,) = _alarms(prod, "5xx")

    assert _watched([lag]) == [prod.function_id("sms_confirm")]
    assert broken["Namespace"] == "AWS/ApiGateway"


def test_every_alarm_reaches_the_topic_both_ways(prod: Assembly) -> None:
    (topic,) = prod.of_type("AWS::SNS::Topic")

    for alarm in prod.properties("AWS::CloudWatch::Alarm"):
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]


def test_alarms_may_publish_to_the_encrypted_topic(prod: Assembly) -> None:
    (key,) = prod.of_type("AWS::KMS::Key")
    here = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    on_topic = prod.the_only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    on_key = prod.the_only("AWS::KMS::Key")["KeyPolicy"]["Statement"]

    assert prod.the_only("AWS::SNS::Topic")["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    for statements, wanted in ((on_topic, {"sns:Publish"}), (on_key, {"kms:Decrypt", "kms:GenerateDataKey"})):
        (grant,) = [s for s in statements if s["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
        assert set(actions(grant)) == wanted
        assert (grant["Effect"], grant["Condition"]) == ("Allow", here)


def test_the_handbook_has_a_line_for_every_alarm(prod: Assembly) -> None:
    handbook = OPERATIONS.read_text()
    named = {
        match[1]
        for alarm in prod.properties("AWS::CloudWatch::Alarm")
        if (match := re.search(r"See docs/operations\.md, (\w+)\.", alarm["AlarmDescription"]))
    }

    assert len(named) == len(prod.properties("AWS::CloudWatch::Alarm"))
    assert sorted(name for name in named if f"`{name}`" not in handbook) == []
