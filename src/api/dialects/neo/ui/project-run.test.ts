import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyRun, createJournal, journalRun, type Piece } from '../../../../../test/support/neo-journals.ts'
import { addChunk, emptyMessage, foldedMessage } from './fold-message.ts'
import type { LoadedEvent } from './load-events.ts'
import { openRunMessage, projectDelta, projectEvent } from './project-run.ts'
import type { UiChunk } from './ui-chunk.ts'

/** All chunks of these events, with the pieces of text between them. */
function tell(events: readonly LoadedEvent[], pieces: readonly Piece[] = []): UiChunk[] {
  let state = openRunMessage('task-1', journalRun)
  const chunks: UiChunk[] = []
  for (const [at, loaded] of events.entries()) {
    const projected = projectEvent(state, loaded)
    state = projected.state
    chunks.push(...projected.chunks)
    for (const piece of pieces.filter(({ after }) => after === at)) {
      const { kind, text, snapshot, attempt, step } = piece
      const place = { task: 'task-1', run: journalRun, attempt, step, index: 0, action: null }
      const shown = projectDelta(state, { ...place, kind: `${kind}.delta`, text, snapshot })
      state = shown.state
      chunks.push(...shown.chunks)
    }
  }
  return chunks
}

/**
 * The message that the AI SDK makes of a stream, and the errors that it finds in it. The SDK publishes its message anew at
 * most chunks, but not at the start of a step: the metadata at the end make it publish a step that was only started.
 */
async function readByTheSdk(chunks: readonly UiChunk[]) {
  const wrong: unknown[] = []
  const onlyErrorsOfTheStream = (error: unknown) => {
    if (!(error instanceof Error && error.message === 'It went wrong.')) wrong.push(error)
  }
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as UIMessageChunk)
      controller.enqueue({ type: 'message-metadata', messageMetadata: {} })
      controller.close()
    },
  })
  let message: UIMessage | undefined
  for await (const next of readUIMessageStream({ stream, onError: onlyErrorsOfTheStream })) message = next
  return { message: JSON.parse(JSON.stringify(message)), wrong }
}

const folded = (chunks: readonly UiChunk[]) => {
  const fold = emptyMessage()
  for (const chunk of chunks) addChunk(fold, chunk)
  return JSON.parse(JSON.stringify(foldedMessage(fold)))
}

/** Deltas may open an empty part of a text that then has nothing in it. */
const partsWithContent = ({ parts }: UIMessage) => parts.filter((part) => !('text' in part) || part.text !== '')

describe('the message of a run', () => {
  test('is understood by the AI SDK, whatever the run did, and is the message that a thread shows', async () => {
    const property = fc.asyncProperty(anyRun, async ({ events, pieces }) => {
      const chunks = tell(events, pieces)
      const { message, wrong } = await readByTheSdk(chunks)
      expect(wrong).toEqual([])
      expect(folded(chunks)).toEqual(message)
    })
    await fc.assert(property, { numRuns: 300 })
  })

  test('holds a step whose response was empty, before anything follows it', async () => {
    const journal = createJournal()
    journal.begin()
    journal.claim()
    journal.add('step.started', { step: 1, model: 'demo', provider: 'demo', reserved: { micros_usd: 0, tokens: 0 } })
    journal.respond(1, {})
    const chunks = tell(journal.events)
    expect(folded(chunks).parts).toEqual([{ type: 'step-start' }])
    expect((await readByTheSdk(chunks)).message).toEqual(folded(chunks))
  })

  test('says the same with deltas and without them', () => {
    const property = fc.property(anyRun, ({ events, pieces }) => {
      const live = folded(tell(events, pieces))
      const later = folded(tell(events))
      expect(partsWithContent(live)).toEqual(partsWithContent(later))
      expect(live.metadata).toEqual(later.metadata)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('begins once, ends once, and says nothing after its end', () => {
    const property = fc.property(anyRun, ({ events, pieces }) => {
      const types = tell(events, pieces).map(({ type }) => type)
      const ends = types.filter((type) => type === 'finish' || type === 'abort')
      expect(types.filter((type) => type === 'start')).toEqual(['start'])
      expect(types[0]).toBe('start')
      const last = events.at(-1)?.event.kind
      const ended = ['run.succeeded', 'run.failed', 'run.blocked', 'run.cancelled'].includes(last ?? '')
      expect(ends).toHaveLength(ended ? 1 : 0)
      if (ended) expect(types.at(-1)).toBe(ends[0])
    })
    fc.assert(property, { numRuns: 300 })
  })
})

describe('a chunk', () => {
  const journal = () => {
    const written = createJournal()
    written.begin()
    written.claim()
    return written
  }

  test('start names the task, the run, its model and its time', () => {
    expect(tell(journal().events).slice(0, 2)).toEqual([
      {
        type: 'start',
        messageId: journalRun,
        messageMetadata: {
          task_id: 'task-1',
          stream_id: journalRun,
          status: 'queued',
          model: 'demo',
          created_at: '1970-01-01T00:00:00.001Z',
        },
      },
      { type: 'message-metadata', messageMetadata: { status: 'running' } },
    ])
  })

  test('shows reasoning before text, each whole, and the steps around them', () => {
    const written = journal()
    written.respond(1, { text: 'Hello', reasoning: 'Greet.' })
    written.add('run.succeeded', {})
    expect(tell(written.events).slice(2, -1)).toEqual([
      { type: 'start-step' },
      { type: 'reasoning-start', id: '1.1.reasoning' },
      { type: 'reasoning-delta', id: '1.1.reasoning', delta: 'Greet.' },
      { type: 'reasoning-end', id: '1.1.reasoning' },
      { type: 'text-start', id: '1.1.text' },
      { type: 'text-delta', id: '1.1.text', delta: 'Hello' },
      { type: 'text-end', id: '1.1.text' },
      { type: 'finish-step' },
    ])
  })

  test('shows a call that a crash cut and that was done again', () => {
    const written = journal()
    written.respond(1, {}, 1)
    written.request(1, 'b')
    written.settle(1, 'b', 'unknown')
    written.request(1, 'c', 'b')
    written.settle(1, 'c', 'settled', 'words')
    expect(tell(written.events).filter(({ type }) => type.startsWith('tool-output'))).toEqual([
      { type: 'tool-output-error', toolCallId: 'b', errorText: 'The call was cut; its outcome is unknown.' },
      { type: 'tool-output-available', toolCallId: 'c', output: 'words' },
    ])
  })

  test('shows a call that the guard denied as one that was asked for, answered by nobody, and denied', () => {
    const written = journal()
    written.respond(1, {}, 1)
    written.request(1, 'a')
    written.deny(1, 'a')
    written.settle(1, 'a', 'denied', '{"denied":true}')
    const chunks = tell(written.events)
    expect(chunks.slice(-3)).toEqual([
      { type: 'tool-approval-request', toolCallId: 'a', approvalId: 'sha256:refusal', isAutomatic: true },
      { type: 'tool-approval-response', approvalId: 'sha256:refusal', approved: false, reason: 'Not granted.' },
      { type: 'tool-output-denied', toolCallId: 'a' },
    ])
    expect(folded(chunks).parts.at(-1)).toMatchObject({
      state: 'output-denied',
      approval: { approved: false, isAutomatic: true, reason: 'Not granted.' },
    })
  })

  test('shows a question by its call alone, and the answer as its output', () => {
    const written = journal()
    written.respond(1, {}, 1)
    written.request(1, 'a')
    written.ask(1, 'a', 'question')
    written.add('run.waiting', { for: 'prompt' })
    written.answer('a', 'answered')
    written.settle(1, 'a', 'settled', '{"answers":{"answer":"blue"}}')
    expect(tell(written.events).slice(3)).toEqual([
      { type: 'tool-input-available', toolCallId: 'a', toolName: 'read_file', dynamic: true, input: { path: 'a.txt' } },
      { type: 'message-metadata', messageMetadata: { status: 'suspended' } },
      { type: 'tool-output-available', toolCallId: 'a', output: '{"answers":{"answer":"blue"}}' },
    ])
  })

  test('shows an approval with what it is bound to, and who denies it denies the call', () => {
    const written = journal()
    written.respond(1, {}, 1)
    written.request(1, 'a')
    const payload = { reason: 'It sends mail.', arguments_digest: 'sha256:args', policy: 'default' }
    written.ask(1, 'a', 'approval', payload)
    written.answer('a', 'denied', 'Not today.')
    written.settle(1, 'a', 'denied', 'Not today.')
    const chunks = tell(written.events).slice(4)
    expect(chunks).toEqual([
      {
        type: 'tool-approval-request',
        toolCallId: 'a',
        approvalId: 'prompt-a',
        reason: 'It sends mail.',
        approvalDescriptor: { argsDigest: 'sha256:args', policy: 'default', expiresAt: null },
      },
      { type: 'tool-approval-response', approvalId: 'prompt-a', approved: false, reason: 'Not today.' },
      { type: 'tool-output-denied', toolCallId: 'a' },
    ])
  })

  test('shows what belongs to no action as a call of its own, which the answer settles', () => {
    const written = journal()
    written.respond(1, {}, 0)
    written.ask(1, null, 'budget', { spent: 5 })
    written.answer(null, 'approved')
    expect(tell(written.events).slice(3)).toEqual([
      {
        type: 'tool-input-available',
        toolCallId: 'prompt',
        toolName: 'raise_budget',
        dynamic: true,
        input: { spent: 5 },
      },
      {
        type: 'tool-approval-request',
        toolCallId: 'prompt',
        approvalId: 'prompt',
        approvalDescriptor: { argsDigest: null, policy: null, expiresAt: null },
      },
      { type: 'tool-approval-response', approvalId: 'prompt', approved: true },
      { type: 'tool-output-available', toolCallId: 'prompt', output: 'approved' },
    ])
  })

  test('shows an approval that nobody gave in time as refused', () => {
    const written = journal()
    written.respond(1, {}, 1)
    written.request(1, 'a')
    written.ask(1, 'a', 'approval')
    written.add('prompt.expired', { prompt: 'prompt-a', outcome: 'deny' })
    expect(tell(written.events).at(-1)).toEqual({
      type: 'tool-approval-response',
      approvalId: 'prompt-a',
      approved: false,
      reason: 'Nobody answered in time.',
    })
  })

  test('of what is no outcome of a call that was shown is left out', () => {
    const written = journal()
    written.settle(1, 'never-asked-for', 'settled', 'x')
    expect(tell(written.events).map(({ type }) => type)).toEqual(['start', 'message-metadata'])
  })

  test('tells of a message that came while the run was under way, and not of the one that began it', () => {
    const written = journal()
    written.add('message.added', { role: 'user' }, { message: 'and quickly' })
    expect(tell(written.events).at(-1)).toEqual({ type: 'data-user-message', id: '4', data: { text: 'and quickly' } })
    expect(tell(written.events).filter(({ type }) => type === 'data-user-message')).toHaveLength(1)
  })

  test('tells when the run is suspended and goes on', () => {
    const written = journal()
    written.add('run.paused', {})
    written.add('run.resumed', {})
    const words = tell(written.events).flatMap((chunk) =>
      'messageMetadata' in chunk ? [chunk.messageMetadata.status] : [],
    )
    expect(words).toEqual(['queued', 'running', 'suspended', 'queued'])
  })

  test('shows the progress of a call that is open, to be forgotten', () => {
    const written = journal()
    written.respond(1, {}, 1)
    written.request(1, 'a')
    let state = openRunMessage('task-1', journalRun)
    for (const loaded of written.events) ({ state } = projectEvent(state, loaded))
    const delta = { task: 'task-1', run: journalRun, attempt: 1, step: 1, index: 0, text: 'half', snapshot: false }
    const { chunks } = projectDelta(state, { ...delta, kind: 'action.progress', action: 'a' })
    expect(chunks).toEqual([
      { type: 'data-tool-progress', id: 'a', data: { toolCallId: 'a', text: 'half' }, transient: true },
    ])
    expect(projectDelta(state, { ...delta, kind: 'action.progress', action: 'other' }).chunks).toEqual([])
  })

  test('of another run is none', () => {
    const other = createJournal('run-2')
    other.begin()
    other.claim()
    expect(tell(other.events)).toEqual([])
  })

  test('says how a run failed, and then that it has ended', () => {
    const written = journal()
    written.add('run.failed', { error: { code: 'model_failed', message: 'The model cannot be reached.' } })
    const messageMetadata = { status: 'failed', completed_at: '1970-01-01T00:00:00.003Z' }
    expect(tell(written.events).slice(2)).toEqual([
      { type: 'message-metadata', messageMetadata },
      { type: 'error', errorText: 'The model cannot be reached.' },
      { type: 'finish', finishReason: 'error', messageMetadata },
    ])
  })

  test('says that a run was cancelled, and settles what was open', () => {
    const written = journal()
    written.respond(1, {}, 1)
    written.request(1, 'a')
    written.add('run.cancelled', { by: 'user' })
    expect(tell(written.events).slice(-4)).toEqual([
      { type: 'tool-output-error', toolCallId: 'a', errorText: 'The task ended before it came.' },
      { type: 'finish-step' },
      { type: 'message-metadata', messageMetadata: { status: 'aborted', completed_at: '1970-01-01T00:00:00.005Z' } },
      { type: 'abort', reason: 'The task was cancelled.' },
    ])
  })
})
