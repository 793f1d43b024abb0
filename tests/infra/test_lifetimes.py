"""How long things live, and what outlives the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slotline.adapters.dynamodb import keys
from tests.infra.synthesis import FUNCTIONS

if TYPE_CHECKING:
    from tests.infra.synthesis import Assembly

pytestmark = pytest.mark.infra

KEEPERS = ("AWS::DynamoDB::Table", "AWS::KMS::Key")


def test_every_log_group_expires(prod: Assembly, dev: Assembly) -> None:
    assert {group["RetentionInDays"] for group in prod.properties("AWS::Logs::LogGroup")} == {90}
    assert {group["RetentionInDays"] for group in dev.properties("AWS::Logs::LogGroup")} == {14}


def test_every_function_writes_to_a_log_group_of_this_stack(prod: Assembly) -> None:
    groups = [prod.function(tool)["LoggingConfig"]["LogGroup"]["Ref"] for tool in FUNCTIONS]

    assert len(set(groups)) == len(FUNCTIONS)
    assert set(groups) <= prod.of_type("AWS::Logs::LogGroup").keys()


def test_nothing_but_our_own_functions_runs_in_the_account(prod: Assembly) -> None:
    custom = [body["Type"] for body in prod.template["Resources"].values() if body["Type"].startswith("Custom::")]

    assert custom == []
    assert prod.tools() == sorted(FUNCTIONS)


def test_the_table_can_be_rolled_back_forgets_and_streams(prod: Assembly) -> None:
    table = prod.the_only("AWS::DynamoDB::Table")

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_table_has_the_keys_and_the_one_index_that_the_code_uses(prod: Assembly) -> None:
    table = prod.the_only("AWS::DynamoDB::Table")

    (index,) = table["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert index["IndexName"] == keys.DUE_INDEX
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["g1pk", "g1sk"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]} == {
        "pk": "S",
        "sk": "S",
        "g1pk": "S",
        "g1sk": "N",
    }


def test_the_table_is_encrypted_with_a_key_that_rotates(prod: Assembly) -> None:
    (key_id,) = prod.of_type("AWS::KMS::Key")

    assert prod.the_only("AWS::KMS::Key")["EnableKeyRotation"] is True
    assert prod.the_only("AWS::DynamoDB::Table")["SSESpecification"] == {
        "KMSMasterKeyId": {"Fn::GetAtt": [key_id, "Arn"]},
        "SSEEnabled": True,
        "SSEType": "KMS",
    }


def test_production_data_outlives_the_stack(prod: Assembly) -> None:
    policies = {body["DeletionPolicy"] for kind in KEEPERS for body in prod.of_type(kind).values()}

    assert policies == {"Retain"}
    assert prod.the_only("AWS::DynamoDB::Table")["DeletionProtectionEnabled"] is True


def test_a_development_stage_leaves_nothing_behind(dev: Assembly) -> None:
    kinds = (*KEEPERS, "AWS::Logs::LogGroup")
    policies = {body["DeletionPolicy"] for kind in kinds for body in dev.of_type(kind).values()}

    assert policies == {"Delete"}
    assert dev.the_only("AWS::DynamoDB::Table")["DeletionProtectionEnabled"] is False


def test_the_owners_command_line_finds_what_it_needs_in_the_outputs(prod: Assembly) -> None:
    outputs = prod.template["Outputs"]

    assert {"ApiUrl", "TableName", "SecretsPrefix", "SecretsKeyArn", "MessagesQueueUrl"} <= outputs.keys()
    assert outputs["SecretsPrefix"]["Value"] == "slotline/prod/"
