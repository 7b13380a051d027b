"""TestState: one state, in earnest or with a made-up result."""

import json

import pytest

from support.states import NO_OP, REVIEW, ROLE, machine

DETECT = "arn:aws:states:::aws-sdk:rekognition:describeCollection"


@pytest.fixture(scope="module")
def tried(states):
    def tried(state: dict, **more):
        if "input" in more:
            more["input"] = json.dumps(more["input"])
        return states.test_state(definition=json.dumps(state), roleArn=ROLE, **more)

    return tried


def text(value) -> str:
    return json.loads(value)


def test_what_each_field_makes_of_the_input(tried):
    state = {
        "Type": "Pass",
        "InputPath": "$.a",
        "Parameters": {"b.$": "$.b", "who.$": "$$.State.Name"},
        "ResultPath": "$.r",
        "OutputPath": "$.r",
        "Assign": {"kept.$": "$.b"},
        "Next": "Other",
    }
    answer = tried(state, input={"a": {"b": 1}})
    assert (answer["status"], answer["nextState"]) == ("SUCCEEDED", "Other")
    assert text(answer["output"]) == {"b": 1, "who": "State"} and "inspectionData" not in answer
    for level in ("DEBUG", "TRACE"):
        data = tried(state, input={"a": {"b": 1}}, inspectionLevel=level)["inspectionData"]
        assert {name: text(value) for name, value in data.items()} == {
            "input": {"a": {"b": 1}},
            "afterInputPath": {"b": 1},
            "afterParameters": {"b": 1, "who": "State"},
            "result": {"b": 1, "who": "State"},
            "afterResultSelector": {"b": 1, "who": "State"},
            "afterResultPath": {"a": {"b": 1}, "r": {"b": 1, "who": "State"}},
            "variables": {"kept": 1},
        }


def test_states_without_a_task(tried):
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.a", "NumericGreaterThan": 1, "Next": "Large"}],
        "Default": "Small",
    }
    assert tried(choice, input={"a": 2})["nextState"] == "Large"
    assert tried(choice, input={"a": 1})["nextState"] == "Small"
    assert tried({"Type": "Succeed"}, input=7) | {"ResponseMetadata": 0} == {
        "status": "SUCCEEDED",
        "output": "7",
        "ResponseMetadata": 0,
    }
    assert tried({"Type": "Wait", "Seconds": 0, "Next": "Later"}, input=[1])["nextState"] == "Later"
    failed = tried({"Type": "Fail", "Error": "No", "CausePath": "$.why"}, input={"why": "because"})
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "No", "because")
    runtime = tried({"Type": "Pass", "InputPath": "$.missing", "End": True})
    assert (runtime["status"], runtime["error"]) == ("FAILED", "States.Runtime")


def test_a_task_is_done_in_earnest(tried, collection):
    state = {
        "Type": "Task",
        "Resource": DETECT,
        "Parameters": {"CollectionId.$": "$.id"},
        "ResultSelector": {"faces.$": "$.FaceCount"},
        "TimeoutSeconds": 30,
        "End": True,
        "Retry": [{"ErrorEquals": ["Rekognition.ResourceNotFoundException"], "IntervalSeconds": 3, "BackoffRate": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught", "ResultPath": "$.error"}],
    }
    answer = tried(state, input={"id": collection}, inspectionLevel="DEBUG")
    assert (answer["status"], text(answer["output"])) == ("SUCCEEDED", {"faces": 0})
    assert text(answer["inspectionData"]["result"])["FaceCount"] == 0
    missing = tried(state, input={"id": "no-such-collection"}, inspectionLevel="DEBUG")
    assert (missing["status"], missing["error"]) == ("RETRIABLE", "Rekognition.ResourceNotFoundException")
    details = missing["inspectionData"]["errorDetails"]
    assert details == {"retryIndex": 0, "retryBackoffIntervalSeconds": 3}
    tired = tried(
        state,
        input={"id": "no-such-collection"},
        stateConfiguration={"retrierRetryCount": 3},
        inspectionLevel="DEBUG",
    )
    assert (tired["status"], tired["nextState"]) == ("CAUGHT_ERROR", "Caught")
    assert tired["inspectionData"]["errorDetails"] == {"catchIndex": 0}
    assert text(tired["output"])["error"]["Error"] == "Rekognition.ResourceNotFoundException"


def test_results_that_somebody_made_up(tried):
    review = {"Type": "Task", "Resource": REVIEW, "Parameters": {"Token.$": "$$.Task.Token"}, "End": True}
    answer = tried(review, mock={"result": '{"Accept": true}'})
    assert (answer["status"], text(answer["output"])) == ("SUCCEEDED", {"Accept": True})
    given = tried(review, mock={"result": "1"}, context='{"Task": {"Token": "mine"}}', inspectionLevel="DEBUG")
    assert text(given["inspectionData"]["afterParameters"]) == {"Token": "mine"}
    failed = tried(review, mock={"errorOutput": {"error": "Refused", "cause": "Because."}})
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Refused", "Because.")
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"v.$": "$$.Map.Item.Value"},
        "MaxConcurrency": 2,
        "ToleratedFailureCount": 1,
        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}},
        "End": True,
    }
    answer = tried(each, input={"items": [1, 2]}, mock={"result": "[3, 4]"}, inspectionLevel="DEBUG")
    data = answer["inspectionData"]
    assert text(answer["output"]) == [3, 4] and text(data["afterItemSelector"]) == [{"v": 1}, {"v": 2}]
    assert (data["maxConcurrency"], data["toleratedFailureCount"]) == (2, 1)


def test_a_state_of_a_whole_machine(states, refused):
    definition = machine(
        {
            "First": {"Type": "Pass", "Result": {"a": 1}, "Next": "Each"},
            "Each": {
                "Type": "Map",
                "ItemProcessor": {
                    "StartAt": "Inner",
                    "States": {"Inner": {"Type": "Pass", "Parameters": {"x.$": "$seen"}, "End": True}},
                },
                "End": True,
            },
        }
    )
    first = states.test_state(definition=definition, stateName="First")
    assert (first["nextState"], first["output"]) == ("Each", '{"a":1}')
    inner = states.test_state(definition=definition, stateName="Inner", variables='{"seen": 7}')
    assert json.loads(inner["output"]) == {"x": 7}
    with refused("ValidationException", "no state Nowhere"):
        states.test_state(definition=definition, stateName="Nowhere")
    with refused("ValidationException", "stateName"):
        states.test_state(definition=definition)


def test_what_cannot_be_tested(states, tried, refused):
    task = {"Type": "Task", "Resource": NO_OP, "End": True}
    for state in (
        {"Type": "Task", "Resource": REVIEW, "End": True},
        {"Type": "Parallel", "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}], "End": True},
    ):
        with refused("ValidationException", "mock"):
            tried(state)
    with refused("ValidationException", "mock is for"):
        tried({"Type": "Succeed"}, mock={"result": "1"})
    for mock in ({}, {"result": "1", "errorOutput": {"error": "E"}}, {"errorOutput": {}}, {"result": "{"}):
        with refused("ValidationException"):
            tried(task, mock=mock)
    with refused("ValidationException", "together with a mock"):
        tried(task, context="{}")
    with refused("ValidationException", "variables"):
        tried(task, variables="[]")
    with refused("ValidationException", "mapItemReaderData"):
        tried(task, stateConfiguration={"mapItemReaderData": "[]"})
    with refused("InvalidExecutionInput"):
        states.test_state(definition=json.dumps(task), input="{")
    with refused("InvalidArn"):
        states.test_state(definition=json.dumps(task), roleArn="somebody")
    for wrong in ("no JSON", "{}", "[]", json.dumps(task | {"Resource": "arn:aws:states:::sqs:sendMessage"})):
        with refused("InvalidDefinition"):
            states.test_state(definition=wrong)
