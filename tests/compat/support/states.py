"""State machines for the tests, and waiting for what they do."""

import json
import time

ROLE = "arn:aws:iam::000000000000:role/selfsame"
ACCOUNT = "arn:aws:states:us-east-1:000000000000"
NO_OP = "arn:aws:states:::selfsame:noOp"
REVIEW = "arn:aws:states:::selfsame:review.waitForTaskToken"
PATIENCE_S = 60


def machine(states: dict, start: str | None = None, **more) -> str:
    return json.dumps({"StartAt": start or next(iter(states)), "States": states} | more)


def passing(result=None) -> str:
    """A machine that gives its input back, or this."""
    state = {"Type": "Pass", "End": True} | ({} if result is None else {"Result": result})
    return machine({"Done": state})


def waiting(seconds: int = 600) -> str:
    """A machine that takes its time."""
    return machine({"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}})


def reviewed(**more) -> str:
    """A machine that waits for somebody's answer."""
    task = {"Type": "Task", "Resource": REVIEW, "Parameters": {"Token.$": "$$.Task.Token", "Case.$": "$"}, "End": True}
    return machine({"Ask": task | more})


# One of everything: three people, the adults of whom are greeted, beside a branch that waits a second.
TOUR = machine(
    {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemsPath": "$.people",
                            "MaxConcurrency": 2,
                            "ItemSelector": {"person.$": "$$.Map.Item.Value", "number.$": "$$.Map.Item.Index"},
                            "ItemProcessor": {
                                "StartAt": "Adult?",
                                "States": {
                                    "Adult?": {
                                        "Type": "Choice",
                                        "Choices": [
                                            {
                                                "Variable": "$.person.age",
                                                "NumericGreaterThanEquals": 18,
                                                "Next": "Greet",
                                            }
                                        ],
                                        "Default": "Child",
                                    },
                                    "Greet": {
                                        "Type": "Pass",
                                        "Parameters": {
                                            "text.$": "States.Format('{}: hello {}', $.number, $.person.name)"
                                        },
                                        "OutputPath": "$.text",
                                        "End": True,
                                    },
                                    "Child": {"Type": "Task", "Resource": NO_OP, "ResultSelector": {}, "End": True},
                                },
                            },
                            "End": True,
                        }
                    },
                },
                {
                    "StartAt": "Wait",
                    "States": {
                        "Wait": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "Waited"},
                        "Waited": {"Type": "Pass", "Result": "waited", "End": True},
                    },
                },
            ],
            "ResultPath": "$.result",
            "OutputPath": "$.result",
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    }
)
TOUR_INPUT = json.dumps(
    {
        "people": [{"name": "Ada", "age": 36}, {"name": "Bob", "age": 7}, {"name": "Eve", "age": 18}],
        "pause": 1,
    }
)
TOUR_OUTPUT = [["0: hello Ada", {}, "2: hello Eve"], "waited"]


def until(look, good, patience_s: float = PATIENCE_S):
    """Looks until it is good."""
    deadline = time.monotonic() + patience_s
    while not good(found := look()):
        assert time.monotonic() < deadline, f"still {found}"
        time.sleep(0.05)
    return found


def ended(client, execution: str) -> dict:
    """The execution, once it has ended."""
    return until(lambda: client.describe_execution(executionArn=execution), lambda found: found["status"] != "RUNNING")


def events(client, execution: str, **more) -> list[dict]:
    """The whole history."""
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution, **more)
    return [event for page in pages for event in page["events"]]


def token(client, execution: str) -> str:
    """The token that the execution's task waits for."""

    def look():
        history = events(client, execution)
        if not any(event["type"] == "TaskSubmitted" for event in history):
            return None
        scheduled = [event for event in history if event["type"] == "TaskScheduled"]
        return json.loads(scheduled[-1]["taskScheduledEventDetails"]["parameters"])["Token"]

    return until(look, bool)
