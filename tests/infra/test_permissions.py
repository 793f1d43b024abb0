"""What each function may do: exactly this, on exactly these resources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.infra.synthesis import FUNCTIONS, Assembly, actions, resources

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.infra

READ = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
TRANSACT = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"}
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
TABLE_KEY = {
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
EVERY_FUNCTION = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "secretsmanager:GetSecretValue",
    *TABLE_KEY,
}

ALLOWED: Mapping[str, set[str]] = {
    "availability": EVERY_FUNCTION | READ | {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    "booking": EVERY_FUNCTION | READ | TRANSACT,
    "mcp": EVERY_FUNCTION | READ | TRANSACT,
    "direct": EVERY_FUNCTION | READ | TRANSACT,
    "sms_confirm": EVERY_FUNCTION
    | READ
    | STREAM
    | {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    | {"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "webhook": EVERY_FUNCTION
    | {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    | {"sqs:SendMessage", "lambda:InvokeFunction"},
    "reconcile": EVERY_FUNCTION
    | READ
    | TRANSACT
    | {"sqs:SendMessage"}  # to its own dead-letter queue
    | {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
}


def test_the_table_names_every_deployed_function(prod: Assembly) -> None:
    assert prod.tools() == sorted(ALLOWED) == sorted(FUNCTIONS)


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_a_function_may_do_exactly_its_own_list(prod: Assembly, tool: str) -> None:
    allowed = {action for statement in prod.statements(tool) for action in actions(statement)}

    assert allowed == ALLOWED[tool]


def test_no_policy_of_the_stack_has_a_wildcard_action(prod: Assembly) -> None:
    policies = [policy["PolicyDocument"] for policy in prod.properties("AWS::IAM::Policy")]
    for kind in ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"):
        policies += [policy["PolicyDocument"] for policy in prod.properties(kind)]
    statements = [statement for policy in policies for statement in policy["Statement"]]
    statements += prod.the_only("AWS::KMS::Key")["KeyPolicy"]["Statement"]

    assert statements
    assert not [statement for statement in statements if any("*" in action for action in actions(statement))]


def test_the_account_can_always_manage_its_own_key(prod: Assembly) -> None:
    first, *_ = prod.the_only("AWS::KMS::Key")["KeyPolicy"]["Statement"]

    # Without these nobody could ever change the policy again, or end the key.
    assert {"kms:PutKeyPolicy", "kms:GetKeyPolicy", "kms:ScheduleKeyDeletion"} <= set(first["Action"])
    assert ":root" in json.dumps(first["Principal"])


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_only_x_ray_and_the_business_secrets_are_granted_by_pattern(prod: Assembly, tool: str) -> None:
    by_pattern = {
        action
        for statement in prod.statements(tool)
        for resource in resources(statement)
        for action in actions(statement)
        if "*" in json.dumps(resource)
    }

    assert by_pattern == {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "secretsmanager:GetSecretValue"}


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_secrets_are_readable_of_the_own_stage_only(prod: Assembly, tool: str) -> None:
    (statement,) = [s for s in prod.statements(tool) if "secretsmanager:GetSecretValue" in actions(s)]

    (resource,) = resources(statement)
    assert resource["Fn::Join"][1][-1].endswith(":secret:slotline/prod/*")


@pytest.mark.parametrize("tool", FUNCTIONS)
def test_the_key_is_used_only_through_the_services_that_need_it(prod: Assembly, tool: str) -> None:
    for statement in prod.statements(tool):
        if any(action.startswith("kms:") for action in actions(statement)):
            through = json.dumps(statement["Condition"]["StringEquals"]["kms:ViaService"])
            service = "secretsmanager" if actions(statement) == ["kms:Decrypt"] else "dynamodb"
            assert f'"{service}."' in through


def test_only_the_reconciler_reads_the_index_of_due_work(prod: Assembly) -> None:
    readers = {
        tool
        for tool in FUNCTIONS
        for statement in prod.statements(tool)
        if "/index/" in json.dumps(statement["Resource"])
    }

    assert readers == {"reconcile"}


def test_a_queue_is_filled_by_one_function_and_emptied_by_one(prod: Assembly) -> None:
    work = [id_ for id_, queue in prod.of_type("AWS::SQS::Queue").items() if "RedrivePolicy" in queue["Properties"]]

    def users(action: str) -> dict[str, set[str]]:
        return {
            id_[:5]: {
                tool
                for tool in FUNCTIONS
                for statement in prod.statements(tool)
                if action in actions(statement) and {"Fn::GetAtt": [id_, "Arn"]} in resources(statement)
            }
            for id_ in work
        }

    assert users("sqs:SendMessage") == {"Messa": {"sms_confirm"}, "Hints": {"webhook"}}
    assert users("sqs:ReceiveMessage") == {"Messa": {"sms_confirm"}, "Hints": {"reconcile"}}


def test_a_question_about_free_times_may_change_access_tokens_only(prod: Assembly) -> None:
    (update,) = [s for s in prod.statements("availability") if "dynamodb:UpdateItem" in actions(s)]

    assert actions(update) == ["dynamodb:UpdateItem"]
    assert update["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#*#K#*"]}}


def test_only_the_receiver_of_call_events_wakes_functions_and_only_two_of_them(prod: Assembly) -> None:
    found = {
        tool: [
            resource
            for s in prod.statements(tool)
            if "lambda:InvokeFunction" in actions(s)
            for resource in resources(s)
        ]
        for tool in FUNCTIONS
    }
    woken = [{"Fn::GetAtt": [prod.function_id(tool), "Arn"]} for tool in ("availability", "booking")]

    assert {tool: arns for tool, arns in found.items() if arns} == {"webhook": woken}


def test_no_function_shares_a_role(prod: Assembly) -> None:
    roles = [json.dumps(prod.function(tool)["Role"]) for tool in FUNCTIONS]

    assert len(set(roles)) == len(FUNCTIONS)


def test_roles_carry_no_managed_policies(prod: Assembly) -> None:
    assert all("ManagedPolicyArns" not in role for role in prod.properties("AWS::IAM::Role"))
