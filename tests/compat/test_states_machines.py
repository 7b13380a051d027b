"""State machines on the wire: made, shown, changed, listed, checked, removed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from conftest import unique
from support.states import ACCOUNT, NO_OP, REVIEW, ROLE, machine, passing, reviewed

FLOWS = {"Register", "Authenticate", "Update"}


def arn(name: str) -> str:
    return f"{ACCOUNT}:stateMachine:{name}"


def recent(moment: datetime) -> bool:
    return abs(datetime.now(UTC) - moment) < timedelta(minutes=5)


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_machine_is_shown_as_it_was_made(states, machines, kind):
    definition = passing({"é": "名"})
    name = unique("machine-é")
    made = machines(definition, kind, name)
    assert made == arn(name)
    found = states.describe_state_machine(stateMachineArn=made)
    assert (found["name"], found["type"], found["status"]) == (name, kind, "ACTIVE")
    assert (found["definition"], found["roleArn"]) == (definition, ROLE)
    assert recent(found["creationDate"]) and found["revisionId"]
    assert found["loggingConfiguration"]["level"] == "OFF"
    metadata = states.describe_state_machine(stateMachineArn=made, includedData="METADATA_ONLY")
    assert metadata["definition"] == "{}"


def test_a_machine_is_standard_unless_it_is_said(states):
    name = unique("machine")
    made = states.create_state_machine(name=name, definition=passing(), roleArn=ROLE)["stateMachineArn"]
    assert states.describe_state_machine(stateMachineArn=made)["type"] == "STANDARD"
    states.delete_state_machine(stateMachineArn=made)


def test_the_same_again_is_no_second_one(states, machines, refused):
    name, definition = unique("machine"), passing()
    machines(definition, name=name)
    first = states.describe_state_machine(stateMachineArn=arn(name))
    again = states.create_state_machine(
        name=name,
        definition=definition,
        # As AWS documents: what is different here is not looked at.
        roleArn=ROLE + "-2",
        tags=[{"key": "a", "value": "b"}],
        loggingConfiguration={"level": "OFF"},
        tracingConfiguration={"enabled": True},
        encryptionConfiguration={"type": "AWS_OWNED_KEY"},
    )
    assert again["stateMachineArn"] == arn(name) and again["creationDate"] == first["creationDate"]
    assert states.describe_state_machine(stateMachineArn=arn(name)) | {"ResponseMetadata": 0} == first | {
        "ResponseMetadata": 0
    }
    with refused("StateMachineAlreadyExists", f"'{arn(name)}'.*UpdateStateMachine", 400):
        states.create_state_machine(name=name, definition=passing(1), roleArn=ROLE)
    with refused("StateMachineAlreadyExists"):
        states.create_state_machine(name=name, definition=definition, roleArn=ROLE, type="EXPRESS")


@pytest.mark.parametrize("flow", sorted(FLOWS))
def test_the_flows_are_machines_that_are_files(states, flow, refused):
    found = states.describe_state_machine(stateMachineArn=arn(flow))
    assert found["type"] == "EXPRESS" and "StartAt" in json.loads(found["definition"])
    with refused("StateMachineAlreadyExists", "flow of this server"):
        states.create_state_machine(name=flow, definition=passing(), roleArn=ROLE)
    with refused("ValidationException", "workflow.directory"):
        states.update_state_machine(stateMachineArn=arn(flow), definition=passing())
    with refused("ValidationException", "workflow.directory"):
        states.delete_state_machine(stateMachineArn=arn(flow))


def test_region_and_account_of_an_arn_do_not_matter(states, machines):
    made = machines(passing())
    elsewhere = made.replace("us-east-1:000000000000", "eu-west-3:123456789012")
    assert states.describe_state_machine(stateMachineArn=elsewhere)["stateMachineArn"] == made


def test_a_machine_is_changed(states, machines, refused):
    made = machines(passing(1))
    before = states.describe_state_machine(stateMachineArn=made)
    updated = states.update_state_machine(stateMachineArn=made, definition=passing(2))
    after = states.describe_state_machine(stateMachineArn=made)
    assert after["definition"] == passing(2) and after["roleArn"] == ROLE
    assert updated["revisionId"] == after["revisionId"] != before["revisionId"]
    assert recent(updated["updateDate"]) and after["creationDate"] == before["creationDate"]
    states.update_state_machine(stateMachineArn=made, roleArn=ROLE + "-2")
    after = states.describe_state_machine(stateMachineArn=made)
    assert (after["definition"], after["roleArn"]) == (passing(2), ROLE + "-2")
    with refused("MissingRequiredParameter"):
        states.update_state_machine(stateMachineArn=made)
    with refused("InvalidDefinition"):
        states.update_state_machine(stateMachineArn=made, definition="{}")
    with refused("StateMachineDoesNotExist"):
        states.update_state_machine(stateMachineArn=arn(unique("nothing")), definition=passing())


def test_a_machine_is_removed_once_and_again(states, machines, refused):
    made = machines(passing())
    states.delete_state_machine(stateMachineArn=made)
    states.delete_state_machine(stateMachineArn=made)
    with refused("StateMachineDoesNotExist", f"'{made}'", 400):
        states.describe_state_machine(stateMachineArn=made)


@pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "a*", "<a>", 'a"b', "a\u0001", "a$b", "~"])
def test_names_that_none_may_have(states, refused, name):
    with refused("InvalidName", "Invalid Name", 400):
        states.create_state_machine(name=name, definition=passing(), roleArn=ROLE)


def test_a_name_that_is_too_long(states, refused):
    with refused("ValidationException", "at 'name' .*less than or equal to 80"):
        states.create_state_machine(name="a" * 81, definition=passing(), roleArn=ROLE)


@pytest.mark.parametrize(
    "wrong",
    ["machine", f"{ACCOUNT}:execution:a:b", f"{ACCOUNT}:stateMachine:a:1", "arn:aws:s3:::bucket", f"{ACCOUNT}:stateMachine:a b"],
)
def test_arns_of_something_else(states, refused, wrong):
    for call in (states.describe_state_machine, states.delete_state_machine):
        with refused("InvalidArn", "Invalid Arn", 400):
            call(stateMachineArn=wrong)
    with refused("InvalidArn"):
        states.update_state_machine(stateMachineArn=wrong, definition=passing())
    with refused("InvalidArn"):
        states.start_execution(stateMachineArn=wrong)


def test_a_role_must_look_like_one(states, refused):
    with refused("InvalidArn", "any role will do"):
        states.create_state_machine(name=unique("machine"), definition=passing(), roleArn="somebody")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"publish": True}, "ValidationException"),
        ({"versionDescription": "first"}, "ValidationException"),
        ({"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration"),
        (
            {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "a"}},
            "InvalidEncryptionConfiguration",
        ),
        ({"tags": [{"key": str(number), "value": ""} for number in range(51)]}, "TooManyTags"),
    ],
)
def test_what_cannot_be_promised_is_refused(states, machines, refused, more, code):
    with refused(code):
        states.create_state_machine(name=unique("machine"), definition=passing(), roleArn=ROLE, **more)
    if "tags" not in more:
        with refused(code):
            states.update_state_machine(stateMachineArn=machines(passing()), definition=passing(), **more)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("no JSON", "INVALID_JSON_DESCRIPTION"),
        ("{}", "StartAt is missing"),
        (machine({"A": {"Type": "Pass", "Next": "B"}}), "goes on to B.* at /States/A"),
        (machine({"A": {"Type": "Pass", "End": True, "Reslt": 1}}), "Reslt is not a field.*/States/A/Reslt"),
        (machine({"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}}), "INVALID_RESOURCE"),
        (machine({"A": {"Type": "Pass", "End": True}}, QueryLanguage="JSONata"), "JSONata"),
    ],
)
def test_definitions_that_cannot_be_run(states, refused, definition, message):
    with refused("InvalidDefinition", f"Invalid State Machine Definition: '.*{message}", 400):
        states.create_state_machine(name=unique("machine"), definition=definition, roleArn=ROLE)


def test_an_express_machine_waits_for_nobody(states, machines, refused):
    with refused("InvalidDefinition", "Ask.*STANDARD"):
        states.create_state_machine(name=unique("machine"), definition=reviewed(), roleArn=ROLE, type="EXPRESS")
    made = machines(passing(), "EXPRESS")
    with refused("InvalidDefinition", "STANDARD"):
        states.update_state_machine(stateMachineArn=made, definition=reviewed())
    checked = states.validate_state_machine_definition(definition=reviewed(), type="EXPRESS")
    assert checked["result"] == "FAIL" and len(checked["diagnostics"]) == 1
    assert states.validate_state_machine_definition(definition=reviewed())["result"] == "OK"


def test_flows_and_machines_are_listed_together(states, machines):
    names = {unique("Machine") for _ in range(5)} | {unique("machine") for _ in range(5)}
    for name in names:
        machines(passing(), name=name)
    whole = states.list_state_machines(maxResults=1000)["stateMachines"]
    listed = [found["name"] for found in whole]
    assert names | FLOWS <= set(listed) and listed == sorted(listed) and len(listed) == len(set(listed))
    assert all(found["stateMachineArn"] == arn(found["name"]) for found in whole)
    for size in (1, 3, len(listed) - 1, len(listed), 1000):
        pages = states.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": size})
        found = [page["stateMachines"] for page in pages]
        assert all(len(page) == size for page in found[:-1]) and len(found[-1]) <= size
        assert [line["name"] for page in found for line in page] == listed, size
    # 0 is the default.
    assert states.list_state_machines(maxResults=0)["stateMachines"] == whole[:100]


def test_a_page_can_end_with_the_longest_name(states, machines):
    names = ["ZZ" + character * 78 for character in ("名", "🙂")]
    for name in names:
        machines(passing(), name=name)
    pages = states.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 1})
    listed = [line["name"] for page in pages for line in page["stateMachines"]]
    assert set(names) <= set(listed) and len(listed) == len(set(listed))


def test_tokens_that_nobody_made(states, refused):
    token = states.list_state_machines(maxResults=1)["nextToken"]
    for bad in ("x", token[:-2], token + "A", "A" * 1024):
        with refused("InvalidToken", "Invalid Token", 400):
            states.list_state_machines(nextToken=bad)
    with refused("ValidationException", "at 'maxResults' .*less than or equal to 1000"):
        states.list_state_machines(maxResults=1001)


def test_findings_are_told_with_their_places(states):
    good = states.validate_state_machine_definition(definition=passing())
    assert (good["result"], good["diagnostics"], good["truncated"]) == ("OK", [], False)
    definition = machine(
        {
            "A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:rekognition:detectLabels", "Next": "B"},
            "B": {"Type": "Wait", "End": True},
            "C": {"Type": "Pass", "Next": "D"},
        }
    )
    bad = states.validate_state_machine_definition(definition=definition)
    assert bad["result"] == "FAIL" and not bad["truncated"]
    assert {found["severity"] for found in bad["diagnostics"]} == {"ERROR"}
    places = {found["location"]: found["code"] for found in bad["diagnostics"]}
    assert places["/States/A/Resource"] == "INVALID_RESOURCE"
    assert places["/States/B"] == "SCHEMA_VALIDATION_FAILED"
    first = states.validate_state_machine_definition(definition=definition, maxResults=1)
    assert first["truncated"] and first["diagnostics"] == bad["diagnostics"][:1]
    assert states.validate_state_machine_definition(definition=definition, maxResults=0)["truncated"] is False


def test_warnings_are_told_if_asked_for(states):
    definition = machine({"A": {"Type": "Pass", "End": True}, "B": {"Type": "Succeed"}})
    assert states.validate_state_machine_definition(definition=definition)["diagnostics"] == []
    warned = states.validate_state_machine_definition(definition=definition, severity="WARNING")
    assert warned["result"] == "OK"
    [found] = warned["diagnostics"]
    assert (found["severity"], found["location"]) == ("WARNING", "/States/B")


def test_every_resource_that_is_documented_is_known(states):
    for resource in (
        "arn:aws:states:::aws-sdk:rekognition:detectFaces",
        "arn:aws:states:::aws-sdk:s3:getObject",
        "arn:aws:states:::http:invoke",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::states:startExecution.sync:2",
        NO_OP,
        REVIEW,
    ):
        definition = machine({"A": {"Type": "Task", "Resource": resource, "End": True}})
        assert states.validate_state_machine_definition(definition=definition)["result"] == "OK", resource
