"""How the functions run, and what wakes them."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest

from functions.reconcile import handler
from infra.schedules import DRIFT_SCAN, POLL, UPKEEP
from tests.infra.synthesis import FUNCTIONS

if TYPE_CHECKING:
    from tests.infra.synthesis import Assembly, Properties

pytestmark = pytest.mark.infra

EVERY_FUNCTION = {
    "SLOTLINE_TABLE",
    "SLOTLINE_STAGE",
    "SLOTLINE_SECRETS",
    "SLOTLINE_PUBLIC_URL",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
    "PYDANTIC_DISABLE_PLUGINS",
    "TZ",
}


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_a_function_runs_the_agreed_runtime(prod: Assembly, tool: str) -> None:
    function = prod.function(tool)

    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert function["MemorySize"] == 1024
    assert function["Handler"] == f"functions.{tool}.handler.lambda_handler"
    assert function["Timeout"] == (60 if tool == "reconcile" else 12)
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert len(function["Layers"]) == 2


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_a_function_is_told_what_it_needs_and_no_more(prod: Assembly, tool: str) -> None:
    own = {"sms_confirm": {"SLOTLINE_MESSAGES_QUEUE"}, "webhook": {"SLOTLINE_HINTS_QUEUE", "SLOTLINE_WOKEN"}}
    variables = prod.function(tool)["Environment"]["Variables"]

    assert variables.keys() == EVERY_FUNCTION | own.get(tool, set())
    assert variables["SLOTLINE_STAGE"] == "prod"
    assert variables["SLOTLINE_SECRETS"] == "slotline/prod/"
    assert variables["POWERTOOLS_SERVICE_NAME"] == f"{tool}-prod"


def test_a_wake_up_is_tried_once_and_soon_or_never(prod: Assembly) -> None:
    names = prod.function("webhook")["Environment"]["Variables"]["SLOTLINE_WOKEN"]["Fn::Join"][1]
    woken = [name["Ref"] for name in names if name != ","]
    configured = prod.properties("AWS::Lambda::EventInvokeConfig")

    assert woken == [prod.function_id("availability"), prod.function_id("booking")]
    assert sorted(each["FunctionName"]["Ref"] for each in configured) == sorted(woken)
    assert {(each["MaximumRetryAttempts"], each["MaximumEventAgeInSeconds"]) for each in configured} == {(0, 60)}


def test_recovery_has_places_that_a_flood_of_calls_cannot_take(prod: Assembly) -> None:
    reserved = {tool: prod.function(tool).get("ReservedConcurrentExecutions") for tool in FUNCTIONS}

    assert reserved == dict.fromkeys(FUNCTIONS) | {"reconcile": 4}


def test_the_clock_starts_each_work_of_the_reconciler_and_keeps_what_fails(prod: Assembly) -> None:
    found = {}
    for rule in prod.properties("AWS::Events::Rule"):
        (target,) = rule["Targets"]
        found[rule["ScheduleExpression"].split("(")[0], target.get("Input")] = rule["ScheduleExpression"]
        assert rule["State"] == "ENABLED"
        assert target["Arn"] == {"Fn::GetAtt": [prod.function_id("reconcile"), "Arn"]}
        assert target["DeadLetterConfig"]["Arn"] == prod.function("reconcile")["DeadLetterConfig"]["TargetArn"]
        retries = {"MaximumEventAgeInSeconds": 300} if "rate" in rule["ScheduleExpression"] else {}
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 2, **retries}

    assert found == {
        ("rate", None): "rate(1 minute)",
        ("rate", json.dumps({"work": POLL}, separators=(",", ":"))): "rate(5 minutes)",
        ("cron", json.dumps({"work": DRIFT_SCAN}, separators=(",", ":"))): "cron(23 9 * * ? *)",
        ("cron", json.dumps({"work": UPKEEP}, separators=(",", ":"))): "cron(3 8 * * ? *)",
    }


@pytest.mark.parametrize("work", [DRIFT_SCAN, UPKEEP, POLL])
def test_the_reconciler_knows_the_work_that_the_clock_asks_for(work: str) -> None:
    assert f'case "{work}":' in inspect.getsource(handler)


def test_new_outbox_items_and_nothing_else_wake_the_sender(prod: Assembly) -> None:
    source = _source(prod, "StreamArn")
    (rule,) = source["FilterCriteria"]["Filters"]

    assert json.loads(rule["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "X#"}]}}},
    }
    assert source["FunctionName"] == {"Ref": prod.function_id("sms_confirm")}


def test_a_poisoned_stream_record_is_isolated_and_set_aside(prod: Assembly) -> None:
    source = _source(prod, "StreamArn")

    assert source["BisectBatchOnFunctionError"] is True
    assert source["MaximumRetryAttempts"] == 3
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    failures = source["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
    assert failures in prod.of_type("AWS::SQS::Queue")


@pytest.mark.parametrize("tool", ["sms_confirm", "reconcile"])
def test_what_cannot_be_worked_off_does_not_take_others_with_it(prod: Assembly, tool: str) -> None:
    source, work = _queue_of(prod, tool)

    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert work["VisibilityTimeout"] == 6 * prod.function(tool)["Timeout"]
    assert work["RedrivePolicy"]["maxReceiveCount"] == 5
    target = work["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    assert "RedrivePolicy" not in prod.of_type("AWS::SQS::Queue")[target]["Properties"]


def test_hints_leave_the_reconciler_room_for_its_schedules(prod: Assembly) -> None:
    source, _ = _queue_of(prod, "reconcile")

    most = source["ScalingConfig"]["MaximumConcurrency"]
    assert most < prod.function("reconcile")["ReservedConcurrentExecutions"]


def test_every_queue_is_encrypted_and_refuses_plain_http(prod: Assembly) -> None:
    queues = prod.of_type("AWS::SQS::Queue")
    refusals = [policy for policy in prod.properties("AWS::SQS::QueuePolicy") if _refuses_plain_http(policy)]
    guarded = {queue["Ref"] for policy in refusals for queue in policy["Queues"]}

    assert all(queue["Properties"]["SqsManagedSseEnabled"] is True for queue in queues.values())
    assert guarded == queues.keys()


def test_nothing_has_a_fixed_physical_name(prod: Assembly) -> None:
    names = (
        "FunctionName",
        "TableName",
        "QueueName",
        "RoleName",
        "TopicName",
        "LogGroupName",
        "LayerName",
        "AlarmName",
    )
    kinds_that_refer = {f"AWS::Lambda::{kind}" for kind in ("EventSourceMapping", "Permission", "Alias")}
    kinds_that_refer.add("AWS::Lambda::EventInvokeConfig")
    named = [
        id_
        for id_, body in prod.template["Resources"].items()
        if body["Type"] not in kinds_that_refer and any(name in body.get("Properties", {}) for name in names)
    ]

    assert named == []


def _source(assembly: Assembly, attribute: str) -> Properties:
    (found,) = [
        source
        for source in assembly.properties("AWS::Lambda::EventSourceMapping")
        if source["EventSourceArn"]["Fn::GetAtt"][1] == attribute
    ]
    return found


def _refuses_plain_http(policy: Any) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and {"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"} <= set(statement["Action"])
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy["PolicyDocument"]["Statement"]
    )


def _queue_of(prod: Assembly, tool: str) -> tuple[Properties, Properties]:
    """The event source mapping of the queue that wakes a function, and the queue."""
    function = {"Ref": prod.function_id(tool)}
    sources = prod.properties("AWS::Lambda::EventSourceMapping")
    (source,) = [
        source
        for source in sources
        if source["FunctionName"] == function and source["EventSourceArn"]["Fn::GetAtt"][1] == "Arn"
    ]
    return source, prod.of_type("AWS::SQS::Queue")[source["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
