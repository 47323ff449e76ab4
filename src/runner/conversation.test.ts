import { expect, test } from 'vitest'
import type { Answer } from '../domain/decision.ts'
import type { AnyEventOf } from '../domain/event.ts'
import {
  addUserMessage,
  type Conversation,
  closeAction,
  closeOpenCalls,
  emptyConversation,
  freshRun,
  type OpenAction,
  recordDecision,
  recordSettlement,
  say,
} from './conversation.ts'
import { newArguments } from './tool-arguments.ts'

const openAction = (action: string): OpenAction => ({
  action,
  tool: 'note',
  call: `call-${action}`,
  arguments: newArguments('0'.repeat(32), {}).arguments,
  repeats: null,
  allowed: null,
  prompt: null,
  asked: null,
})

/** A conversation whose model has asked for these actions. */
function asking(...actions: readonly string[]): Conversation {
  const conversation = emptyConversation()
  const toolCalls = actions.map((action) => ({ id: `call-${action}`, tool: 'note', input: {} }))
  say(conversation, { role: 'assistant', text: 'I note', toolCalls, verbatim: null })
  conversation.open = actions.map(openAction)
  return conversation
}

const close = (conversation: Conversation, action: string) =>
  closeAction(conversation, openAction(action), false, `did ${action}`)
const texts = ({ messages }: Conversation) =>
  messages.map((message) => (message.role === 'tool' ? message.output : message.text))
const decided = (action: string, answer: Answer) =>
  ({ facts: { action, answer, statement: `sha256:${action}`, reserved_micros_usd: 7 } }) as AnyEventOf<'action.decided'>

test('a message of a person waits for the results of all calls that are open', () => {
  const conversation = asking('a', 'b')
  addUserMessage(conversation, 'first')
  addUserMessage(conversation, 'second')
  close(conversation, 'a')
  expect(texts(conversation)).toEqual(['I note', 'did a'])
  close(conversation, 'b')
  expect(texts(conversation)).toEqual(['I note', 'did a', 'did b', 'first', 'second'])
  expect(conversation.held).toEqual([])
})

test('a message of a person stands after the text in which the model was interrupted, once', () => {
  const conversation = emptyConversation()
  conversation.interruptedText = 'half an ans'
  addUserMessage(conversation, 'stop')
  addUserMessage(conversation, 'and now?')
  expect(conversation.messages.map(({ role }) => role)).toEqual(['assistant', 'user', 'user'])
  expect(texts(conversation)).toEqual(['half an ans', 'stop', 'and now?'])
})

test('every open call gets a result, so that no provider refuses the conversation', () => {
  const conversation = asking('a', 'b')
  close(conversation, 'a')
  addUserMessage(conversation, 'again')
  closeOpenCalls(conversation)
  const results = conversation.messages.filter((message) => message.role === 'tool')
  expect(results).toMatchObject([
    { callId: 'call-a', failed: false },
    { callId: 'call-b', failed: true },
  ])
  expect(texts(conversation).at(-1)).toBe('again')
})

test('calls of an earlier step are never taken for open ones', () => {
  const conversation = asking('a')
  close(conversation, 'a')
  say(conversation, { role: 'assistant', text: 'done', toolCalls: [], verbatim: null })
  addUserMessage(conversation, 'thanks')
  expect(texts(conversation).at(-1)).toBe('thanks')
})

test('the bytes are those of what is sent: text, calls and results, or what a provider sent verbatim where that is more', () => {
  const conversation = emptyConversation()
  say(conversation, { role: 'user', text: 'Grüße' })
  expect(conversation.bytes).toBe(7)
  say(conversation, { role: 'tool', callId: 'c', tool: 'note', failed: false, output: 'é' })
  expect(conversation.bytes).toBe(9)
  say(conversation, { role: 'assistant', text: 'ok', toolCalls: [], verbatim: null })
  expect(conversation.bytes).toBe(9 + 'ok[]'.length)
  const verbatim = { provider: 'p', model: 'm', messages: ['x'.repeat(100)] }
  say(conversation, { role: 'assistant', text: 'ok', toolCalls: [], verbatim })
  expect(conversation.bytes).toBe(9 + 'ok[]'.length + 104)
})

test('an allowed action has its certificate and its reservation, and others have none', () => {
  const conversation = asking('a', 'b')
  recordDecision(conversation, decided('b', 'allow'))
  expect(conversation.open.map(({ allowed }) => allowed)).toEqual([
    null,
    { certificate: 'sha256:b', reservedMicrosUsd: 7 },
  ])
  expect(conversation).toMatchObject({ denied: false, lastAnswer: 'allow', lastStatement: 'sha256:b' })
})

test('a run that was denied something stays so, whatever is allowed after it', () => {
  const conversation = asking('a', 'b')
  recordDecision(conversation, decided('a', 'deny'))
  recordDecision(conversation, decided('b', 'allow'))
  expect(conversation).toMatchObject({ denied: true, lastAnswer: 'allow' })
  expect(conversation.open[0]?.allowed).toBeNull()
})

test('labels only grow, and a settlement without a statement leaves the last one', () => {
  const conversation = asking('a')
  const settled = (facts: object) => ({ facts }) as AnyEventOf<'action.settled'>
  recordSettlement(conversation, settled({ labels: ['phi'], statement: 'sha256:s' }))
  recordSettlement(conversation, settled({ labels: ['web'] }))
  recordSettlement(conversation, settled({}))
  expect([...conversation.labels]).toEqual(['phi', 'web'])
  expect(conversation.lastStatement).toBe('sha256:s')
})

test('a further run begins anew with the messages and the labels of the task', () => {
  const conversation = asking('a')
  conversation.labels.add('phi')
  recordDecision(conversation, decided('a', 'deny'))
  Object.assign(conversation, freshRun())
  expect(conversation).toMatchObject({ step: 0, open: [], denied: false, lastAnswer: null, lastStatement: null })
  expect(texts(conversation)).toEqual(['I note'])
  expect(conversation.labels).toContain('phi')
})
