"""Who may use state machines."""

import base64
import json

import pytest

from conftest import unique
from support.photos import PERSON
from support.states import ACCOUNT, ROLE, ended, passing, reviewed, token

DENIED = "AccessDeniedException"
AUTHENTICATE = f"{ACCOUNT}:stateMachine:Authenticate"


@pytest.fixture(scope="module")
def of(server, connect):
    """A client whose key was made with these options."""
    return lambda *options: connect("stepfunctions", server.key(*options), inject_host_prefix=False)


def defining(states, made):
    return (
        lambda: states.create_state_machine(name=unique("denied"), definition=passing(), roleArn=ROLE),
        lambda: states.update_state_machine(stateMachineArn=made, definition=passing(7)),
        lambda: states.delete_state_machine(stateMachineArn=made),
        # A task would run with the server's rights.
        lambda: states.test_state(definition=json.dumps({"Type": "Succeed"})),
    )


def running(states, made):
    execution = f"{made.replace(':stateMachine:', ':execution:')}:one"
    return (
        lambda: states.start_execution(stateMachineArn=made),
        lambda: states.start_sync_execution(stateMachineArn=made),
        lambda: states.stop_execution(executionArn=execution),
        lambda: states.describe_execution(executionArn=execution),
        lambda: states.get_execution_history(executionArn=execution),
        lambda: states.list_executions(stateMachineArn=made),
        lambda: states.list_state_machines(),
        lambda: states.describe_state_machine(stateMachineArn=made),
        lambda: states.validate_state_machine_definition(definition=passing()),
        lambda: states.send_task_success(taskToken="x", output="1"),
        lambda: states.send_task_failure(taskToken="x"),
        lambda: states.send_task_heartbeat(taskToken="x"),
    )


def test_a_key_for_state_machines_runs_them_and_defines_none(of, machines, refused):
    states = of("--scope", "workflow")
    made = machines(reviewed())
    for call in defining(states, made):
        with refused(DENIED, "scope admin", 400):
            call()
    started = states.start_execution(stateMachineArn=made)["executionArn"]
    states.send_task_success(taskToken=token(states, started), output="1")
    assert ended(states, started)["output"] == "1"
    assert states.describe_state_machine(stateMachineArn=made)["definition"] == reviewed()
    assert any(found["stateMachineArn"] == made for found in states.list_state_machines()["stateMachines"])
    assert states.validate_state_machine_definition(definition=passing())["result"] == "OK"


@pytest.mark.parametrize(
    "options", [("--scope", "gallery-write"), ("--scope", "gallery-read"), ("--collection", "people"), ("--bucket", "photos")]
)
def test_other_keys_do_nothing_here(of, machines, refused, options):
    states = of(*options)
    made = machines(passing())
    for call in defining(states, made) + running(states, made):
        with refused(DENIED, status=400):
            call()
    with refused(DENIED):
        states.start_sync_execution(stateMachineArn=AUTHENTICATE)


def test_who_may_not_know_is_not_told(of, refused):
    """A refusal says nothing about what exists."""
    states = of("--scope", "gallery-write")
    with refused(DENIED):
        states.describe_state_machine(stateMachineArn=f"{ACCOUNT}:stateMachine:nothing")


def test_the_portals_keys_run_the_portals_flows(of, machines, photos, refused):
    states = of("--scope", "portal")
    image = base64.b64encode(photos.read(PERSON[0])).decode()
    answer = states.start_sync_execution(
        stateMachineArn=AUTHENTICATE, input=json.dumps({"UserId": unique("nobody"), "Image": image})
    )
    assert answer["status"] == "FAILED"
    assert states.describe_state_machine(stateMachineArn=AUTHENTICATE)["type"] == "EXPRESS"
    made = machines(passing(), "EXPRESS")
    for call in defining(states, made) + running(states, made):
        with refused(DENIED, status=400):
            call()
    for call in (
        lambda: states.start_execution(stateMachineArn=AUTHENTICATE),
        lambda: states.describe_execution(executionArn=answer["executionArn"]),
        lambda: states.start_sync_execution(stateMachineArn=f"{ACCOUNT}:stateMachine:Webhook"),
    ):
        with refused(DENIED):
            call()


def test_limits_hold_for_the_portals_flows_too(of, refused):
    states = of("--scope", "portal", "--collection", "selfsame-users")
    with refused(DENIED, "without limits"):
        states.start_sync_execution(stateMachineArn=AUTHENTICATE)
