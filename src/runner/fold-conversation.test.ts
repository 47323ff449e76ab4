import { expect, test } from 'vitest'
import { type Content, purgedPlaceholder, sealedPlaceholder } from '../domain/content.ts'
import type { EventFacts, EventKind, NewEvent } from '../domain/event.ts'
import { contentOf } from '../proof/digests.ts'
import { emptyConversation } from './conversation.ts'
import { contentsToRead, foldConversation } from './fold-conversation.ts'

const noUsage = { input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 }

/** A journal that grows, with the contents that it names. */
function journal() {
  const contents = new Map<string, Content>()
  const events: NewEvent[] = []
  const keep = (body: string | Uint8Array, sealed = false) => {
    const content = contentOf('0'.repeat(32), body, 'text/plain', sealed)
    contents.set(content.digest, content)
    return content.digest
  }
  const add = <K extends EventKind>(
    kind: K,
    facts: Partial<EventFacts[K]> = {},
    named: Record<string, string> = {},
  ) => {
    events.push({ kind, run: 'r', attempt: 1, at: 1, facts, contents: named } as NewEvent)
  }
  return {
    contents,
    events,
    keep,
    add,
    queued: () => add('run.queued'),
    message: (text: string) => add('message.added', { role: 'user' }, { message: keep(text) }),
    responded: (step: number, text?: string) =>
      add('model.responded', { step, usage: noUsage } as never, text === undefined ? {} : { text: keep(text) }),
    requested: (action: string, input: object, repeats?: string) =>
      add(
        'action.requested',
        { step: 1, action, tool: 'note', call: `call-${action}`, ...(repeats !== undefined && { repeats }) } as never,
        { arguments: keep(JSON.stringify(input)) },
      ),
    settled: (action: string, result?: string, outcome = 'settled') =>
      add(
        'action.settled',
        { step: 1, action, outcome } as never,
        result === undefined ? {} : { result: keep(result) },
      ),
    fold() {
      const conversation = emptyConversation()
      foldConversation(conversation, events, contents)
      return conversation
    },
  }
}

test('messages, answers, calls and results stand in the order of a conversation', () => {
  const told = journal()
  told.queued()
  told.message('do it')
  told.responded(1, 'I will')
  told.requested('a', { x: 1 })
  told.settled('a', 'done')
  expect(told.fold().messages).toMatchObject([
    { role: 'user', text: 'do it' },
    { role: 'assistant', text: 'I will', toolCalls: [{ id: 'call-a', tool: 'note', input: { x: 1 } }] },
    { role: 'tool', callId: 'call-a', tool: 'note', failed: false, output: 'done' },
  ])
})

test('a message that comes while a call is open follows the last result', () => {
  const told = journal()
  told.queued()
  told.message('do it')
  told.responded(1, '')
  told.requested('a', {})
  told.requested('b', {})
  told.message('and hurry')
  told.settled('a', '1')
  expect(told.fold().messages.at(-1)).toMatchObject({ role: 'tool', callId: 'call-a' })
  told.settled('b', '2', 'failed')
  const { messages, held } = told.fold()
  expect(messages.slice(-2)).toMatchObject([
    { role: 'tool', callId: 'call-b', failed: true },
    { role: 'user', text: 'and hurry' },
  ])
  expect(held).toEqual([])
})

test('a call that has no result when the next run begins is given one that says so', () => {
  const told = journal()
  told.queued()
  told.message('do it')
  told.responded(1, '')
  told.requested('a', {})
  told.queued()
  told.message('again')
  const conversation = told.fold()
  expect(conversation.messages.slice(-2)).toMatchObject([
    { role: 'tool', callId: 'call-a', failed: true, output: expect.stringContaining('no result') },
    { role: 'user', text: 'again' },
  ])
  expect(conversation).toMatchObject({ open: [], step: 0, lastAnswer: null, denied: false, lastStatement: null })
})

test('a reservation stands from the start of a step until its response, and moves to the next try', () => {
  const told = journal()
  const reserved = { micros_usd: 5, tokens: 7 } as never
  told.queued()
  told.add('step.started', { step: 1, reserved })
  expect(told.fold().call).toEqual({ phase: 'lost', step: 1, tryNumber: 1, reserved })
  told.add('model.failed', { step: 1, try: 1, reserved } as never)
  expect(told.fold().call).toEqual({ phase: 'lost', step: 1, tryNumber: 2, reserved })
  told.add('model.failed', { step: 1, try: 2 } as never)
  expect(told.fold().call).toBeUndefined()
  told.add('step.started', { step: 2, reserved })
  told.responded(2, 'x')
  expect(told.fold()).toMatchObject({ call: undefined, step: 2 })
})

test('text that the model had said when it was interrupted stands before the message that follows', () => {
  const told = journal()
  told.queued()
  told.message('tell me')
  told.add('model.interrupted', { step: 1 } as never, { text: told.keep('Once upon') })
  expect(told.fold().messages).toHaveLength(1)
  told.message('go on')
  expect(told.fold().messages.slice(1)).toMatchObject([
    { role: 'assistant', text: 'Once upon', toolCalls: [] },
    { role: 'user', text: 'go on' },
  ])
})

test('interrupted text is dropped when the step is begun again', () => {
  const told = journal()
  told.queued()
  told.message('tell me')
  told.add('model.interrupted', { step: 1 } as never, { text: told.keep('Once upon') })
  told.add('step.started', { step: 1, reserved: {} } as never)
  told.message('go on')
  expect(told.fold().messages).toMatchObject([{ role: 'user' }, { role: 'user', text: 'go on' }])
})

test('what the guard decided last, and that it ever denied, are of the run; labels are of the task', () => {
  const told = journal()
  told.queued()
  told.message('x')
  told.responded(1, '')
  told.requested('a', {})
  told.requested('b', {})
  told.add('action.decided', { action: 'a', answer: 'deny', statement: 's1', reserved_micros_usd: 0 } as never)
  told.add('action.decided', { action: 'b', answer: 'allow', statement: 's2', reserved_micros_usd: 3 } as never)
  expect(told.fold()).toMatchObject({ lastAnswer: 'allow', denied: true, lastStatement: 's2' })
  expect(told.fold().open).toMatchObject([
    { action: 'a', allowed: null },
    { action: 'b', allowed: { certificate: 's2', reservedMicrosUsd: 3 } },
  ])
  told.add('action.settled', { action: 'b', outcome: 'settled', labels: ['web'], statement: 's3' } as never)
  expect(told.fold()).toMatchObject({ lastStatement: 's3' })
  told.queued()
  expect(told.fold()).toMatchObject({ lastAnswer: null, denied: false, lastStatement: null })
  expect([...told.fold().labels]).toEqual(['web'])
})

test('an action that repeats another is no further call of the model, and its result answers the first', () => {
  const told = journal()
  told.queued()
  told.message('x')
  told.responded(1, '')
  told.requested('a', {})
  told.settled('a', undefined, 'unknown')
  told.add('action.requested', { step: 1, action: 'b', tool: 'note', call: 'call-a', repeats: 'a' } as never, {
    arguments: told.keep('{}'),
  })
  expect(told.fold().open).toMatchObject([{ action: 'b', call: 'call-a', repeats: 'a' }])
  told.settled('b', 'done')
  const { messages, open } = told.fold()
  expect(messages).toHaveLength(3)
  expect(messages[1]).toMatchObject({ toolCalls: [{ id: 'call-a' }] })
  expect(messages[2]).toMatchObject({ role: 'tool', callId: 'call-a', output: 'done' })
  expect(open).toEqual([])
})

test('contents that were purged or are sealed become placeholders', () => {
  const told = journal()
  told.queued()
  told.add('message.added', { role: 'user' }, { message: 'gone' })
  told.add('message.added', { role: 'user' }, { message: told.keep(new Uint8Array([1, 2]), true) })
  expect(told.fold().messages).toMatchObject([{ text: purgedPlaceholder }, { text: sealedPlaceholder }])
})

test('bytes are those of everything that the model is sent', () => {
  const told = journal()
  told.queued()
  told.message('é')
  expect(told.fold().bytes).toBe(2)
  told.responded(1, 'abc')
  const before = told.fold().bytes
  told.requested('a', { x: 1 })
  expect(told.fold().bytes).toBe(before + Buffer.byteLength('{"x":1}'))
  told.settled('a', '12345')
  expect(told.fold().bytes).toBe(before + Buffer.byteLength('{"x":1}') + 5)
})

test('the contents to read are those that a fold uses, and nothing of what a run is queued or ends with', () => {
  const told = journal()
  told.add('run.queued', {}, { extension: 'e', message: 'm' })
  told.message('hello')
  told.add('action.decided', {} as never, { arguments: 'not-read' })
  told.requested('a', {})
  const [message] = Object.values(told.events[1]?.contents ?? {})
  const [args] = Object.values(told.events[3]?.contents ?? {})
  told.add('model.responded', {}, { text: 't', provider: 'p', reasoning: 'not-read' })
  told.add('action.settled', {}, { result: 'r', findings: 'not-read' })
  told.add('run.succeeded', {}, { result: 'not-read' })
  expect(contentsToRead(told.events)).toEqual([message, args, 't', 'p', 'r'])
})

test('the labels that a task inherits or gets back from a sub-task are of the task', () => {
  const told = journal()
  told.add('task.submitted', { labels: ['own'] })
  told.add('budget.returned', { labels: ['child', 'own'] })
  told.add('budget.granted', { labels: ['parent'] })
  expect([...told.fold().labels]).toEqual(['own', 'child', 'parent'])
})

test('what the provider sent is given back to it verbatim, and a response without that has none', () => {
  const told = journal()
  const verbatim = { provider: 'p', model: 'm', messages: [{ raw: 1 }] }
  told.queued()
  told.add('model.responded', { step: 1 }, { provider: told.keep(JSON.stringify(verbatim)) })
  told.responded(2, 'x')
  expect(told.fold().messages).toMatchObject([
    { text: '', verbatim },
    { text: 'x', verbatim: null },
  ])
})

test('a call that was interrupted before it said anything leaves no text', () => {
  const told = journal()
  told.queued()
  told.add('step.started', { step: 1, reserved: { micros_usd: 1, tokens: 1 } })
  told.add('model.interrupted', { step: 1 })
  expect(told.fold()).toMatchObject({ interruptedText: '', call: undefined })
  told.message('go on')
  expect(told.fold().messages).toEqual([{ role: 'user', text: 'go on' }])
})

test('a result belongs to the action that it settles, in whatever order they are settled', () => {
  const told = journal()
  told.queued()
  told.responded(1, '')
  told.requested('a', {})
  told.requested('b', {})
  told.settled('b', 'second')
  expect(told.fold().open).toMatchObject([{ action: 'a' }])
  expect(told.fold().messages.at(-1)).toMatchObject({ callId: 'call-b', output: 'second' })
})

test('a settlement of an action that is not open adds nothing to the conversation', () => {
  const told = journal()
  told.queued()
  told.responded(1, 'x')
  told.settled('other', 'late')
  expect(told.fold().messages).toHaveLength(1)
})

test('an action whose arguments were never kept has empty ones', () => {
  const told = journal()
  told.queued()
  told.responded(1, '')
  told.add('action.requested', { step: 1, action: 'a', tool: 'note', call: 'call-a' })
  expect(told.fold().open).toMatchObject([{ arguments: { digest: '', canonical: '{}', value: {} } }])
})

test('an action that no response asked for is a defect of the journal', () => {
  const told = journal()
  told.queued()
  told.message('x')
  told.requested('a', {})
  expect(() => told.fold()).toThrow('Action a was requested by no response.')
  const empty = journal()
  empty.queued()
  empty.requested('a', {})
  expect(() => empty.fold()).toThrow('Action a was requested by no response.')
})

test.each<EventKind>([
  'attempt.lost',
  'task.purged',
  'task.hold_placed',
  'task.hold_lifted',
  'action.revoked',
  'budget.overdrawn',
  'budget.transferred',
  'budget.released',
  'run.claimed',
  'run.stop_requested',
  'run.stop_withdrawn',
  'run.waiting',
  'run.paused',
  'run.resumed',
  'run.succeeded',
  'run.failed',
  'run.blocked',
  'run.cancelled',
])('%s leaves the conversation as it is', (kind) => {
  const told = journal()
  told.queued()
  told.message('x')
  const before = told.fold()
  told.add(kind)
  expect(told.fold()).toEqual(before)
})

test('a kind of event that this build does not know stops the fold', () => {
  const told = journal()
  told.add('run.invented' as never)
  expect(() => told.fold()).toThrow()
})
