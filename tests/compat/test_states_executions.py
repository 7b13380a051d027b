"""Executions on the wire: started, stopped, watched."""

import base64
import json

import pytest

from conftest import unique
from support.photos import PERSON
from support.states import (
    ACCOUNT,
    NO_OP,
    TOUR,
    TOUR_INPUT,
    TOUR_OUTPUT,
    ended,
    events,
    machine,
    passing,
    until,
    waiting,
)


@pytest.fixture(scope="module")
def tour(states, shared_machines):
    """An execution that went through every kind of state."""
    started = states.start_execution(stateMachineArn=shared_machines(TOUR), input=TOUR_INPUT, name="tour")
    ended(states, started["executionArn"])
    return started["executionArn"]


def test_a_standard_execution_from_its_start_to_its_end(states, machines):
    made = machines(passing())
    name = unique("run-é")
    started = states.start_execution(stateMachineArn=made, name=name, input='{"a": [1, "é"]}', traceHeader="Root=1")
    arn = started["executionArn"]
    assert arn == f"{made.replace(':stateMachine:', ':execution:')}:{name}"
    found = ended(states, arn)
    assert (found["status"], found["name"], found["stateMachineArn"]) == ("SUCCEEDED", name, made)
    assert json.loads(found["input"]) == json.loads(found["output"]) == {"a": [1, "é"]}
    assert found["inputDetails"] == found["outputDetails"] == {"included": True}
    assert started["startDate"] == found["startDate"] <= found["stopDate"]
    assert (found["redriveCount"], found["redriveStatus"]) == (0, "NOT_REDRIVABLE")
    metadata = states.describe_execution(executionArn=arn, includedData="METADATA_ONLY")
    assert metadata["status"] == "SUCCEEDED" and "input" not in metadata and "output" not in metadata


def test_every_kind_of_state(states, tour):
    found = states.describe_execution(executionArn=tour)
    assert found["status"] == "SUCCEEDED", found
    assert json.loads(found["output"]) == TOUR_OUTPUT
    assert (found["stopDate"] - found["startDate"]).total_seconds() >= 1
    history = events(states, tour)
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    assert all(event["previousEventId"] < event["id"] for event in history)
    assert all(one["timestamp"] <= other["timestamp"] for one, other in zip(history, history[1:]))
    kinds = {event["type"] for event in history}
    assert kinds == {
        "ExecutionStarted",
        *("ParallelStateEntered", "ParallelStateStarted", "ParallelStateSucceeded", "ParallelStateExited"),
        *("MapStateEntered", "MapStateStarted", "MapStateSucceeded", "MapStateExited"),
        *("MapIterationStarted", "MapIterationSucceeded"),
        *("ChoiceStateEntered", "ChoiceStateExited", "PassStateEntered", "PassStateExited"),
        *("TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"),
        *("WaitStateEntered", "WaitStateExited", "SucceedStateEntered", "SucceedStateExited"),
        "ExecutionSucceeded",
    }
    by_id = {event["id"]: event for event in history}

    def before(event):
        return by_id[event["previousEventId"]]

    [task] = [event for event in history if event["type"] == "TaskSucceeded"]
    assert [before(task)["type"], before(before(task))["type"]] == ["TaskStarted", "TaskScheduled"]
    assert task["taskSucceededEventDetails"]["resourceType"] == "selfsame"
    assert task["taskSucceededEventDetails"]["resource"] == "noOp"
    [started] = [event for event in history if event["type"] == "MapStateStarted"]
    assert started["mapStateStartedEventDetails"] == {"length": 3}
    indices = [
        event["mapIterationSucceededEventDetails"] for event in history if event["type"] == "MapIterationSucceeded"
    ]
    assert sorted(found["index"] for found in indices) == [0, 1, 2] and {found["name"] for found in indices} == {"Each"}
    assert history[0]["executionStartedEventDetails"]["roleArn"].startswith("arn:aws:iam:")
    assert json.loads(history[0]["executionStartedEventDetails"]["input"]) == json.loads(TOUR_INPUT)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_history_from_both_ends_in_pages(states, tour, size):
    oldest = events(states, tour)
    config = {"PageSize": size}
    assert events(states, tour, PaginationConfig=config) == oldest
    assert events(states, tour, PaginationConfig=config, reverseOrder=True) == oldest[::-1]


def test_a_history_without_data(states, tour):
    bare = events(states, tour, includeExecutionData=False)
    text = json.dumps(bare, default=str)
    assert "Ada" not in text and len(bare) == len(events(states, tour))
    assert all("input" not in event.get("stateEnteredEventDetails", {}) for event in bare)


def test_tokens_of_another_history(states, tour, machines, refused):
    token = states.get_execution_history(executionArn=tour, maxResults=1)["nextToken"]
    started = states.start_execution(stateMachineArn=machines(passing()))["executionArn"]
    ended(states, started)
    with refused("InvalidToken"):
        states.get_execution_history(executionArn=started, nextToken=token)
    with refused("InvalidToken"):
        states.get_execution_history(executionArn=tour, nextToken=token, reverseOrder=True)
    with refused("InvalidToken"):
        states.get_execution_history(executionArn=tour, nextToken="x")


def test_a_name_is_used_once(states, machines, refused):
    made = machines(waiting())
    first = states.start_execution(stateMachineArn=made, name="once", input='{"a":1}')
    again = states.start_execution(stateMachineArn=made, name="once", input='{ "a": 1 }')
    assert (first["executionArn"], first["startDate"]) == (again["executionArn"], again["startDate"])
    with refused("ExecutionAlreadyExists", f"'{first['executionArn']}'", 400):
        states.start_execution(stateMachineArn=made, name="once", input='{"a":2}')
    states.stop_execution(executionArn=first["executionArn"])
    with refused("ExecutionAlreadyExists"):
        states.start_execution(stateMachineArn=made, name="once", input='{"a":1}')
    # Another machine has names of its own.
    states.start_execution(stateMachineArn=machines(passing()), name="once")


def test_executions_are_stopped(states, machines):
    made = machines(waiting())
    started = states.start_execution(stateMachineArn=made)["executionArn"]
    stopped = states.stop_execution(executionArn=started, error="Mistake", cause="It was one.")
    found = states.describe_execution(executionArn=started)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Mistake", "It was one.")
    assert found["stopDate"] == stopped["stopDate"] and "output" not in found
    last = events(states, started)[-1]
    assert last["type"] == "ExecutionAborted"
    assert last["executionAbortedEventDetails"] == {"error": "Mistake", "cause": "It was one."}
    # Once more changes nothing.
    assert states.stop_execution(executionArn=started, error="Other")["stopDate"] == stopped["stopDate"]
    assert states.describe_execution(executionArn=started)["error"] == "Mistake"
    silent = states.start_execution(stateMachineArn=made)["executionArn"]
    states.stop_execution(executionArn=silent)
    assert "error" not in states.describe_execution(executionArn=silent)


def test_executions_that_are_not_there(states, machines, refused):
    made = machines(passing())
    nobody = f"{made.replace(':stateMachine:', ':execution:')}:nobody"
    express = f"{ACCOUNT}:express:Register:a:11111111-2222-3333-4444-555555555555"
    for call in (states.describe_execution, states.stop_execution, states.get_execution_history):
        with refused("ExecutionDoesNotExist", f"'{nobody}'", 400):
            call(executionArn=nobody)
        # Express executions end by themselves.
        stop = call == states.stop_execution
        with refused("ValidationException" if stop else "ExecutionDoesNotExist", "Express"):
            call(executionArn=express)
        for wrong in (made, "execution", f"{ACCOUNT}:execution:a", f"{ACCOUNT}:express:a:b"):
            with refused("InvalidArn"):
                call(executionArn=wrong)
    for call in (states.start_execution, states.start_sync_execution, states.list_executions):
        with refused("StateMachineDoesNotExist"):
            call(stateMachineArn=f"{ACCOUNT}:stateMachine:nothing")


def test_failures_are_told(states, machines):
    made = machines(machine({"No": {"Type": "Fail", "Error": "Refused", "Cause": "Because."}}))
    found = ended(states, states.start_execution(stateMachineArn=made)["executionArn"])
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "Refused", "Because.")
    assert events(states, found["executionArn"])[-1]["executionFailedEventDetails"]["error"] == "Refused"
    slow = machines(machine({"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}, TimeoutSeconds=1))
    found = ended(states, states.start_execution(stateMachineArn=slow)["executionArn"])
    assert found["status"] == "TIMED_OUT"
    assert events(states, found["executionArn"])[-1]["type"] == "ExecutionTimedOut"


def test_a_task_that_fails_is_in_the_history(states, machines):
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:rekognition:describeCollection",
        "Parameters": {"CollectionId": "no-such-collection"},
        "TimeoutSeconds": 30,
        "Catch": [{"ErrorEquals": ["Rekognition.ResourceNotFoundException"], "Next": "Caught"}],
        "End": True,
    }
    made = machines(machine({"Look": task, "Caught": {"Type": "Succeed"}}))
    found = ended(states, states.start_execution(stateMachineArn=made)["executionArn"])
    assert found["status"] == "SUCCEEDED", found
    assert json.loads(found["output"])["Error"] == "Rekognition.ResourceNotFoundException"
    history = {event["type"]: event for event in events(states, found["executionArn"])}
    scheduled = history["TaskScheduled"]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("aws-sdk:rekognition", "describeCollection")
    assert (scheduled["region"], scheduled["timeoutInSeconds"]) == ("us-east-1", 30)
    assert json.loads(scheduled["parameters"]) == {"CollectionId": "no-such-collection"}
    failed = history["TaskFailed"]["taskFailedEventDetails"]
    assert failed["error"] == "Rekognition.ResourceNotFoundException" and failed["cause"]


@pytest.mark.parametrize("text", ["no JSON", "{", "", "{'a': 1}", '{"a": 1} x'])
def test_inputs_that_are_no_json(states, machines, refused, text):
    standard, express = machines(passing()), machines(passing(), "EXPRESS")
    with refused("InvalidExecutionInput", "Invalid State Machine Execution Input", 400):
        states.start_execution(stateMachineArn=standard, input=text)
    with refused("InvalidExecutionInput"):
        states.start_sync_execution(stateMachineArn=express, input=text)


def test_names_of_executions(states, machines, refused):
    made = machines(passing())
    for name in ("a b", "a/b", "a:b", "\u0001"):
        with refused("InvalidName"):
            states.start_execution(stateMachineArn=made, name=name)
    with refused("ValidationException", "at 'name'"):
        states.start_execution(stateMachineArn=made, name="a" * 81)


def test_executions_are_listed_newest_first(states, machines, refused):
    made = machines(waiting())
    started = [states.start_execution(stateMachineArn=made)["executionArn"] for _ in range(7)]
    for arn in started[:3]:
        states.stop_execution(executionArn=arn)

    def listed(size=1000, **more):
        pages = states.get_paginator("list_executions").paginate(
            stateMachineArn=made, PaginationConfig={"PageSize": size}, **more
        )
        found = [page["executions"] for page in pages]
        assert all(len(page) == size for page in found[:-1])
        return [line["executionArn"] for page in found for line in page]

    for size in (1, 2, 7, 1000):
        assert sorted(listed(size)) == sorted(started)
    lines = states.list_executions(stateMachineArn=made)["executions"]
    assert all(one["startDate"] >= other["startDate"] for one, other in zip(lines, lines[1:]))
    assert lines[0]["stateMachineArn"] == made and lines[0]["name"] == lines[0]["executionArn"].split(":")[-1]
    assert sorted(listed(2, statusFilter="ABORTED")) == sorted(started[:3])
    assert sorted(listed(statusFilter="RUNNING")) == sorted(started[3:])
    assert listed(statusFilter="FAILED") == []
    assert listed(redriveFilter="REDRIVEN") == [] and len(listed(redriveFilter="NOT_REDRIVEN")) == 7
    stopped = states.list_executions(stateMachineArn=made, statusFilter="ABORTED")["executions"]
    assert all(line["status"] == "ABORTED" and line["stopDate"] >= line["startDate"] for line in stopped)
    token = states.list_executions(stateMachineArn=made, maxResults=1)["nextToken"]
    with refused("InvalidToken"):
        states.list_executions(stateMachineArn=made, statusFilter="RUNNING", nextToken=token)
    with refused("InvalidToken"):
        states.list_executions(stateMachineArn=made, nextToken="x")
    for arn in started[3:]:
        states.stop_execution(executionArn=arn)


def test_lists_that_cannot_be(states, machines, refused):
    with refused("StateMachineTypeNotSupported"):
        states.list_executions(stateMachineArn=machines(passing(), "EXPRESS"))
    with refused("ValidationException", "Exactly one"):
        states.list_executions()
    run = f"{ACCOUNT}:mapRun:a/b:c"
    with refused("ResourceNotFound"):
        states.list_executions(mapRunArn=run)
    made = machines(passing())
    with refused("ValidationException"):
        states.list_executions(stateMachineArn=made, mapRunArn=run)
    with refused("ValidationException", "PENDING_REDRIVE"):
        states.list_executions(stateMachineArn=made, statusFilter="PENDING_REDRIVE")


def test_a_synchronous_execution_answers_with_its_end(states, machines):
    made = machines(passing(), "EXPRESS")
    answer = states.start_sync_execution(stateMachineArn=made, name="now", input='{"a": 1}', traceHeader="Root=1")
    assert (answer["status"], answer["name"], answer["stateMachineArn"]) == ("SUCCEEDED", "now", made)
    assert json.loads(answer["output"]) == json.loads(answer["input"]) == {"a": 1}
    assert answer["executionArn"].startswith(f"{made.replace(':stateMachine:', ':express:')}:now:")
    assert answer["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
    assert answer["startDate"] <= answer["stopDate"] and answer["traceHeader"] == "Root=1"
    # Ours: AWS remembers no Express executions.
    found = states.describe_execution(executionArn=answer["executionArn"])
    assert (found["status"], found["output"]) == ("SUCCEEDED", answer["output"])
    kinds = [event["type"] for event in events(states, answer["executionArn"])]
    assert kinds == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert [event["type"] for event in events(states, answer["executionArn"], reverseOrder=True)] == kinds[::-1]
    # Names are not used up by Express executions.
    again = states.start_sync_execution(stateMachineArn=made, name="now")
    assert again["executionArn"] != answer["executionArn"] and json.loads(again["output"]) == {}


def test_a_synchronous_execution_that_fails_is_an_answer(states, machines):
    made = machines(machine({"No": {"Type": "Fail", "Error": "Refused", "Cause": "Because."}}), "EXPRESS")
    answer = states.start_sync_execution(stateMachineArn=made)
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Refused", "Because.")
    assert "output" not in answer
    slow = machines(machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1), "EXPRESS")
    assert states.start_sync_execution(stateMachineArn=slow)["status"] == "TIMED_OUT"


def test_nobody_waits_for_a_standard_machine(states, machines, refused):
    with refused("StateMachineTypeNotSupported", "not supported by this type", 400):
        states.start_sync_execution(stateMachineArn=machines(passing()))


def test_an_express_execution_may_be_left_alone(states, machines):
    made = machines(machine({"Work": {"Type": "Task", "Resource": NO_OP, "ResultPath": None, "End": True}}), "EXPRESS")
    started = states.start_execution(stateMachineArn=made, input='{"a": 1}')["executionArn"]
    assert ":express:" in started
    def look():
        try:
            return states.describe_execution(executionArn=started)
        except states.exceptions.ExecutionDoesNotExist:
            return None

    found = until(look, bool)
    assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"a": 1})


def test_a_photo_travels_and_is_not_kept(states, machines, photos):
    """Larger than AWS's 256 KiB: the sample's flow fails there above 190 KB."""
    photo = photos.read(PERSON[0])
    image = base64.b64encode(photo + b"\0" * max(0, 400_000 - len(photo))).decode()
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:rekognition:detectFaces",
        "Parameters": {"Image": {"Bytes.$": "$.Image"}},
        "ResultSelector": {"Faces.$": "States.ArrayLength($.FaceDetails)"},
        "End": True,
    }
    made = machines(machine({"Look": task}), "EXPRESS")
    answer = states.start_sync_execution(stateMachineArn=made, input=json.dumps({"Image": image}))
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"Faces": 1}), answer
    assert "not kept" in answer["input"] and len(answer["input"]) < 200
    history = json.dumps(events(states, answer["executionArn"]), default=str)
    assert "not kept" in history and image[1000:1100] not in history


def test_the_portals_flow_on_the_wire(states, photos):
    image = base64.b64encode(photos.read(PERSON[0])).decode()
    answer = states.start_sync_execution(
        stateMachineArn=f"{ACCOUNT}:stateMachine:Authenticate",
        input=json.dumps({"UserId": unique("nobody"), "Image": image, "Properties": {}}),
    )
    assert answer["status"] == "FAILED" and answer["error"], answer
    assert image[1000:1100] not in json.dumps(answer, default=str)
