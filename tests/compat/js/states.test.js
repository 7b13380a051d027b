import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineDoesNotExist,
  TaskTimedOut,
  DescribeStateMachineCommand,
  paginateGetExecutionHistory,
} from "@aws-sdk/client-sfn";
import { unique } from "./helpers.js";

// `StartSyncExecution` would be sent to a host called sync-127.0.0.1. Machines are an administrator's business.
const states = new SFNClient({
  disableHostPrefix: true,
  maxAttempts: 1,
  credentials: {
    accessKeyId: process.env.SELFSAME_ADMIN_ACCESS_KEY_ID,
    secretAccessKey: process.env.SELFSAME_ADMIN_SECRET_ACCESS_KEY,
  },
});
const send = (command) => states.send(command);
const roleArn = "arn:aws:iam::000000000000:role/selfsame";
const ask = {
  StartAt: "Ask",
  States: {
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::selfsame:review.waitForTaskToken",
      Parameters: { "Token.$": "$$.Task.Token" },
      End: true,
    },
  },
};
const pass = { StartAt: "Done", States: { Done: { Type: "Pass", End: true } } };
const machines = {};

before(async () => {
  for (const [type, definition] of [
    ["STANDARD", ask],
    ["EXPRESS", pass],
  ]) {
    const name = unique("javascript");
    const made = await send(
      new CreateStateMachineCommand({ name, type, roleArn, definition: JSON.stringify(definition) }),
    );
    assert.ok(made.creationDate instanceof Date);
    machines[type] = made.stateMachineArn;
  }
});

after(async () => {
  for (const stateMachineArn of Object.values(machines)) {
    await send(new DeleteStateMachineCommand({ stateMachineArn }));
    await assert.rejects(send(new DescribeStateMachineCommand({ stateMachineArn })), StateMachineDoesNotExist);
  }
});

const history = async (executionArn) => {
  const events = [];
  for await (const page of paginateGetExecutionHistory({ client: states, pageSize: 2 }, { executionArn })) {
    events.push(...page.events);
  }
  return events;
};

const until = async (look) => {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail("it does not happen");
};

test("an express machine answers at once", async () => {
  const answer = await send(
    new StartSyncExecutionCommand({ stateMachineArn: machines.EXPRESS, input: JSON.stringify({ é: "写真" }) }),
  );
  assert.equal(answer.status, "SUCCEEDED");
  assert.deepEqual(JSON.parse(answer.output), { é: "写真" });
  assert.ok(answer.startDate <= answer.stopDate);
});

test("a standard machine waits for an answer", async () => {
  const { executionArn } = await send(new StartExecutionCommand({ stateMachineArn: machines.STANDARD }));
  const taskToken = await until(async () => {
    const events = await history(executionArn);
    const scheduled = events.find((event) => event.type === "TaskScheduled");
    const handedOver = events.some((event) => event.type === "TaskSubmitted");
    return handedOver && JSON.parse(scheduled.taskScheduledEventDetails.parameters).Token;
  });
  await send(new SendTaskSuccessCommand({ taskToken, output: '{"Accept": true}' }));
  const found = await until(async () => {
    const found = await send(new DescribeExecutionCommand({ executionArn }));
    return found.status !== "RUNNING" && found;
  });
  assert.equal(found.status, "SUCCEEDED");
  assert.deepEqual(JSON.parse(found.output), { Accept: true });
  await assert.rejects(send(new SendTaskSuccessCommand({ taskToken, output: "1" })), TaskTimedOut);
  await assert.rejects(
    send(new DescribeExecutionCommand({ executionArn: `${executionArn}x` })),
    ExecutionDoesNotExist,
  );
});
