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

test('the contents to read are those that a fold uses, and no configuration', () => {
  const told = journal()
  told.add('run.queued', {}, { extension: 'e' })
  told.message('hello')
  told.add('action.decided', {} as never, { arguments: 'not-read' })
  told.requested('a', {})
  const [message] = Object.values(told.events[1]?.contents ?? {})
  const [args] = Object.values(told.events[3]?.contents ?? {})
  expect(contentsToRead(told.events)).toEqual([message, args])
})
