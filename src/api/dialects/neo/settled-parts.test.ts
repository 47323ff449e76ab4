import { expect, test } from 'vitest'
import type { CreateTask } from './contract/create-task.ts'
import { readSettledMessage } from './settled-parts.ts'

const call = { type: 'dynamic-tool', toolName: 'ask_question', toolCallId: 'c1', input: {} }
const answered = { ...call, state: 'output-available', output: { answers: ['blue'] } }
const user = { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'paint it' }] }
const agent = (...parts: { type: string }[]) => ({ id: 'a1', role: 'assistant', parts })
const output = {
  toolCallId: 'c1',
  approvalId: undefined,
  settlement: { kind: 'output', output: { answers: ['blue'] } },
}
const read = (body: CreateTask) => readSettledMessage(body)

test.each<[string, { type: string }, object]>([
  ['an output', answered, output],
  ['an output of a static tool', { ...answered, type: 'tool-ask_question' }, output],
  [
    'an output that is nothing',
    { ...call, state: 'output-available' } as never,
    {
      ...output,
      settlement: { kind: 'output', output: null },
    },
  ],
  [
    'an error',
    { ...call, state: 'output-error', errorText: 'No.' } as never,
    {
      ...output,
      settlement: { kind: 'error', message: 'No.' },
    },
  ],
  [
    'an approval',
    {
      ...call,
      state: 'approval-responded',
      approval: { id: 'p1', approved: true, reason: 'Fine.', descriptor: { argsDigest: 'sha256:x' } },
    } as never,
    {
      toolCallId: 'c1',
      approvalId: 'p1',
      settlement: { kind: 'approval', approved: true, reason: 'Fine.', argsDigest: 'sha256:x' },
    },
  ],
  [
    'an approval that says nothing denies',
    { ...call, state: 'approval-responded' } as never,
    {
      ...output,
      settlement: { kind: 'approval', approved: false, reason: undefined, argsDigest: undefined },
    },
  ],
])('%s is read from the last message of the agent', (_what, part, expected) => {
  expect(read({ messages: [user, agent({ type: 'step-start' }, part)] })).toEqual({
    messageId: 'a1',
    status: undefined,
    parts: [expected],
  })
})

test('the message that is named counts before the last, and the status that its client was told is read', () => {
  const earlier = { ...agent(answered), metadata: { status: 'suspended' } }
  const body = { messages: [earlier, { ...user, id: 'u2' }], messageId: 'a1' }
  expect(read(body)).toMatchObject({ messageId: 'a1', status: 'suspended', parts: [output] })
})

test.each<[string, CreateTask]>([
  ['without messages', {}],
  ['whose last message is of the user', { messages: [agent(answered), user] }],
  ['that names a message of the user', { messages: [user, agent(answered)], messageId: 'u1' }],
  ['whose calls are all open', { messages: [agent({ ...call, state: 'input-available' } as never)] }],
  ['whose parts are no calls', { messages: [agent({ ...answered, type: 'text' })] }],
  ['whose call has no id', { messages: [agent({ ...answered, toolCallId: 7 } as never)] }],
  ['that repeats the last answer', { messages: [agent(answered)], trigger: 'regenerate-message' }],
  ['that repeats it in the spelling of Neo', { messages: [agent(answered)], regenerate: true }],
  ['with a message of its own', { messages: [agent(answered)], message: { parts: [] } }],
])('a request %s settles nothing', (_what, body) => {
  expect(read(body)).toBeUndefined()
})
