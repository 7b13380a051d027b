"""Bodies of Step Functions as they are on the wire, compared with files."""

import json
import re

import pytest

from support.states import ACCOUNT, ROLE, ended, machine, passing
from test_raw import compare

STATES = "AWSStepFunctions"
DEFINITION = passing({"ok": True})
NAME = "machine-000000000000"
ARN = f"{ACCOUNT}:stateMachine:{NAME}"
EXECUTION = f"{ACCOUNT}:execution:{NAME}:one"


@pytest.fixture(scope="module")
def call(wire, signing, administrator):
    signing = signing.but(key=administrator, service="states")
    return lambda operation, body: wire.call(signing, operation, body, STATES)


@pytest.fixture(scope="module")
def scene(states, call):
    """A machine, and an execution that has ended."""
    body = {"name": NAME, "definition": DEFINITION, "roleArn": ROLE}
    compare("CreateStateMachine", call("CreateStateMachine", body))
    compare("StartExecution", call("StartExecution", {"stateMachineArn": ARN, "name": "one", "input": '{"a": 1}'}))
    ended(states, EXECUTION)
    yield
    compare("DeleteStateMachine", call("DeleteStateMachine", {"stateMachineArn": ARN}))


def test_machines_and_executions(call, scene):
    for operation, body in {
        "DescribeStateMachine": {"stateMachineArn": ARN},
        "UpdateStateMachine": {"stateMachineArn": ARN, "definition": DEFINITION},
        "DescribeExecution": {"executionArn": EXECUTION},
        "GetExecutionHistory": {"executionArn": EXECUTION},
        "ListExecutions": {"stateMachineArn": ARN},
        "StopExecution": {"executionArn": EXECUTION},
    }.items():
        compare(operation, call(operation, body))


def test_checks_and_tests(call):
    wrong = machine({"A": {"Type": "Pass", "Next": "B"}})
    compare("ValidateStateMachineDefinition", call("ValidateStateMachineDefinition", {"definition": wrong}))
    state = json.dumps({"Type": "Pass", "Result": {"ok": True}, "ResultPath": "$.r", "Next": "Other"})
    body = {"definition": state, "input": '{"a": 1}', "inspectionLevel": "DEBUG"}
    compare("TestState", call("TestState", body))


def test_errors(call, scene):
    compare("state-machine-exists", call("CreateStateMachine", {"name": NAME, "definition": passing(), "roleArn": ROLE}))
    nothing = f"{ACCOUNT}:stateMachine:nothing"
    compare("no-state-machine", call("DescribeStateMachine", {"stateMachineArn": nothing}))
    compare("no-execution", call("DescribeExecution", {"executionArn": f"{ACCOUNT}:execution:{NAME}:two"}))
    compare("invalid-arn", call("DescribeStateMachine", {"stateMachineArn": "machine"}))
    compare("invalid-token", call("SendTaskHeartbeat", {"taskToken": "x"}))
    compare("invalid-input", call("StartExecution", {"stateMachineArn": ARN, "input": "{"}))
    compare("execution-exists", call("StartExecution", {"stateMachineArn": ARN, "name": "one"}))


def test_an_envelope(call, machines):
    made = machines(DEFINITION, "EXPRESS")
    answer = call("StartSyncExecution", {"stateMachineArn": made, "name": "one", "input": "{}"})
    answer.body = re.sub(rb"machine-[0-9a-f]{12}", b"<machine>", answer.body)
    answer.body = re.sub(rb'("billedDurationInMilliseconds"): ?\d+', rb"\1: 100", answer.body)
    compare("StartSyncExecution", answer)
