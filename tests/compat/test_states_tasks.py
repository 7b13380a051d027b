"""Tasks that wait for somebody's answer, who gives it with the AWS CLI or with boto3."""

import json

import pytest

from cli import CommandError, run
from support.states import ended, events, machine, reviewed, token, until


@pytest.fixture(scope="module")
def aws(server, administrator):
    values = server.variables(administrator)
    return lambda line, **variables: run(line, values | variables)


@pytest.fixture
def ask(states, machines):
    """Starts a machine that asks; the execution's ARN and the token of its task."""

    def ask(**more):
        started = states.start_execution(stateMachineArn=machines(reviewed(**more)), input='{"UserId": "ada"}')
        return started["executionArn"], token(states, started["executionArn"])

    return ask


def test_somebody_answers_with_the_cli(states, aws, ask):
    execution, found = ask()
    assert states.describe_execution(executionArn=execution)["status"] == "RUNNING"
    answer = '{"Accept": true}'
    aws('aws stepfunctions send-task-success --task-token "$TOKEN" --task-output "$ANSWER"', TOKEN=found, ANSWER=answer)
    done = ended(states, execution)
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", {"Accept": True})
    history = {event["type"]: event for event in events(states, execution)}
    submitted = history["TaskSubmitted"]["taskSubmittedEventDetails"]
    assert (submitted["resourceType"], submitted["resource"]) == ("selfsame", "review.waitForTaskToken")
    assert json.loads(history["TaskSucceeded"]["taskSucceededEventDetails"]["output"]) == {"Accept": True}
    assert json.loads(history["TaskScheduled"]["taskScheduledEventDetails"]["parameters"])["Case"] == {"UserId": "ada"}


def test_the_cli_from_the_machine_to_its_history(aws, tmp_path):
    """The lines of docs/WORKFLOWS.md."""
    definition = tmp_path / "definition.json"
    definition.write_text(machine({"Done": {"Type": "Pass", "Result": {"ok": True}, "End": True}}))
    made = json.loads(
        aws(
            "aws stepfunctions create-state-machine --name from-the-cli"
            ' --role-arn arn:aws:iam::000000000000:role/selfsame --definition "file://$FILE"',
            FILE=str(definition),
        )
    )["stateMachineArn"]
    started = json.loads(aws(f"aws stepfunctions start-execution --state-machine-arn {made} --input '{{}}'"))
    describe = f"aws stepfunctions describe-execution --execution-arn {started['executionArn']}"
    found = until(lambda: json.loads(aws(describe)), lambda found: found["status"] != "RUNNING")
    assert found["status"] == "SUCCEEDED"
    history = json.loads(aws(f"aws stepfunctions get-execution-history --execution-arn {started['executionArn']}"))
    assert [event["id"] for event in history["events"]] == [1, 2, 3, 4]
    aws(f"aws stepfunctions delete-state-machine --state-machine-arn {made}")
    with pytest.raises(CommandError) as caught:
        aws(f"aws stepfunctions describe-state-machine --state-machine-arn {made}")
    assert caught.value.code == "StateMachineDoesNotExist"


def test_the_cli_waits_for_an_express_machine(aws, machines):
    made = machines(machine({"Done": {"Type": "Pass", "Result": 7, "End": True}}), "EXPRESS")
    line = f"aws stepfunctions start-sync-execution --state-machine-arn {made}"
    answer = json.loads(aws(line, AWS_DISABLE_HOST_PREFIX_INJECTION="true"))
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "7")


def test_somebody_refuses(states, ask):
    execution, found = ask()
    states.send_task_failure(taskToken=found, error="Refused", cause="Somebody else.")
    done = ended(states, execution)
    assert (done["status"], done["error"], done["cause"]) == ("FAILED", "Refused", "Somebody else.")
    failed = [event for event in events(states, execution) if event["type"] == "TaskFailed"]
    assert failed[0]["taskFailedEventDetails"]["error"] == "Refused"


def test_a_refusal_is_caught(states, machines):
    definition = json.loads(reviewed(Catch=[{"ErrorEquals": ["Refused"], "Next": "Caught"}]))
    definition["States"]["Caught"] = {"Type": "Pass", "End": True}
    started = states.start_execution(stateMachineArn=machines(json.dumps(definition)))["executionArn"]
    states.send_task_failure(taskToken=token(states, started), error="Refused")
    done = ended(states, started)
    assert (done["status"], json.loads(done["output"])["Error"]) == ("SUCCEEDED", "Refused")


def test_whoever_is_silent_is_no_longer_waited_for(states, ask, refused):
    execution, found = ask(HeartbeatSeconds=2, TimeoutSeconds=60)
    states.send_task_heartbeat(taskToken=found)
    done = ended(states, execution)
    assert (done["status"], done["error"]) == ("FAILED", "States.HeartbeatTimeout")
    assert "TaskTimedOut" in {event["type"] for event in events(states, execution)}
    with refused("TaskTimedOut"):
        states.send_task_heartbeat(taskToken=found)


def test_an_answer_counts_once(states, ask, refused):
    execution, found = ask()
    states.send_task_success(taskToken=found, output="1")
    for call in (
        lambda: states.send_task_success(taskToken=found, output="2"),
        lambda: states.send_task_failure(taskToken=found),
        lambda: states.send_task_heartbeat(taskToken=found),
    ):
        with refused("TaskTimedOut", "Task Timed Out", 400):
            call()
    assert ended(states, execution)["output"] == "1"


def test_answers_that_are_none(states, ask, refused):
    execution, found = ask()
    for text in ("no JSON", "{", ""):
        with refused("InvalidOutput", "Invalid Output", 400):
            states.send_task_success(taskToken=found, output=text)
    for bad in ("x", found[:-1], found + "A", found[::-1]):
        for call in (
            lambda bad=bad: states.send_task_success(taskToken=bad, output="{}"),
            lambda bad=bad: states.send_task_failure(taskToken=bad),
            lambda bad=bad: states.send_task_heartbeat(taskToken=bad),
        ):
            with refused("InvalidToken", "Invalid Token", 400):
                call()
    states.stop_execution(executionArn=execution)
    with refused("TaskTimedOut"):
        states.send_task_success(taskToken=found, output="{}")
