import { describe, expect, test } from 'vitest'
import { createCollectingTerminal } from '../../../test/support/collecting-terminal.ts'
import type { DeltaKind, DeltaMessage } from '../../api/native/contract/delta.ts'
import type { EventView, EventViewOf } from '../../api/native/contract/event.ts'
import { createPaint } from '../terminal.ts'
import { createLiveView } from './live-view.ts'

const run = '00000000-0000-4000-8000-000000000001'

/** One event after the other, numbered. */
function journal() {
  let seq = 0
  return <K extends EventView['type']>(type: K, data: object = {}): EventView => {
    seq += 1
    const event = { seq, type, run, attempt: 1, at: '2026-01-01T00:00:00.000Z', data }
    return event as unknown as EventViewOf<K>
  }
}

const usage = { input_tokens: 10, output_tokens: 3, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 }
const started = (step: number) => ({ step, provider: 'demo', model: 'demo' })
const responded = (step: number, text: string | null, calls = 0) => ({
  step,
  text,
  reasoning: null,
  finish: 'stop',
  usage,
  cost_micros_usd: 1_200,
  calls,
})
const queued = { turn: 1, priority: 5, config: { provider: 'demo', model: 'demo' } }

function deltas(step: number, kind: DeltaKind = 'text.delta', attempt = 1) {
  let index = -1
  return (text: string): DeltaMessage => {
    index += 1
    return { type: kind, data: { run, attempt, step, index, text, snapshot: false } }
  }
}

function world(isTty: boolean, columns = 100) {
  const terminal = createCollectingTerminal({ isTty, columns })
  let now = 0
  const view = createLiveView({ terminal, paint: createPaint(false), now: () => now })
  return {
    view,
    terminal,
    pass(ms: number) {
      now += ms
      view.tick()
    },
  }
}

describe('the live view without a person looking', () => {
  test('prints plain lines: states, steps, texts, actions with their arguments and results', () => {
    const { view, terminal } = world(false)
    const event = journal()
    const action = { step: 1, action: 'a', tool: 'write_file', call: 'c' }
    for (const one of [
      event('task.submitted', { title: 'x' }),
      event('message.added', { role: 'user', message: 'write' }),
      event('run.queued', queued),
      event('run.claimed', { attempt: 1 }),
      event('step.started', started(1)),
      event('model.responded', responded(1, 'Writing.', 1)),
      event('action.requested', { ...action, arguments: { path: 'a.txt', content: 'hello\nworld' } }),
      event('action.decided', { step: 1, action: 'a', answer: 'allow', rules: ['r'], reason: '' }),
      event('action.settled', { step: 1, action: 'a', outcome: 'settled', duration_ms: 3, result: 'Wrote it.\nAll.' }),
      event('model.responded', responded(2, 'Done.')),
      event('run.succeeded', { result: 'Done.' }),
    ]) {
      view.event(one)
    }
    view.close()
    expect(terminal.written()).toBe(
      [
        'queued',
        'running',
        'step 1',
        'Writing.',
        '  write_file  path: a.txt, content: hello world',
        '  ✓ Wrote it. (+1 line)  3 ms',
        'step 2',
        'Done.',
        '',
      ].join('\n'),
    )
    expect(view.lastText).toBe('Done.')
  })

  test('says what went wrong: denials, failures, lost attempts, calls that are made again', () => {
    const { view, terminal } = world(false)
    const event = journal()
    for (const one of [
      event('task.submitted', { title: 'x' }),
      event('message.added', { role: 'user', message: 'write' }),
      event('run.queued', queued),
      event('run.claimed', { attempt: 1 }),
      event('model.failed', {
        step: 1,
        try: 1,
        code: 'rate_limited',
        message: 'Slow\ndown.',
        will_retry: true,
        retry_after_ms: 2_000,
      }),
      event('attempt.lost', { attempt: 1, reason: 'died' }),
      event('run.claimed', { attempt: 2 }),
      event('model.responded', responded(1, null, 3)),
      event('action.requested', { step: 1, action: 'a', tool: 'fetch_url', call: 'c', arguments: { url: 'http://x' } }),
      event('action.decided', { step: 1, action: 'a', answer: 'deny', rules: ['no-web'], reason: 'No web.' }),
      event('action.settled', { step: 1, action: 'a', outcome: 'denied', duration_ms: 0, result: '{"denied":true}' }),
      event('action.requested', { step: 1, action: 'b', tool: 'mail', call: 'd', arguments: null }),
      event('action.settled', { step: 1, action: 'b', outcome: 'unknown', duration_ms: 0, result: null }),
      event('action.requested', { step: 1, action: 'd', tool: 'mail', call: 'd', arguments: {}, repeats: 'b' }),
      event('action.settled', { step: 1, action: 'd', outcome: 'failed', duration_ms: 7, result: 'No such box.' }),
      event('message.added', { role: 'user', message: 'go on' }),
      event('run.stop_requested'),
      event('run.paused'),
      event('run.resumed'),
      event('run.waiting', { for: 'approval' }),
    ]) {
      view.event(one)
    }
    expect(terminal.written().split('\n')).toEqual([
      'queued',
      'running',
      'the model did not answer: Slow down. (rate_limited); asking again in 2.0 s',
      'attempt 1 was lost, its process died: queued again',
      'running: attempt 2',
      'step 1',
      '  fetch_url  url: http://x',
      '  denied by no-web: No web.',
      '  mail  [purged content]',
      '  ? outcome unknown  0 ms',
      '  mail (again)',
      '  ✗ No such box.  7 ms',
      '> go on',
      'stop requested: it pauses when what it is doing is done',
      'paused',
      'resumed',
      'waiting for approval',
      '',
    ])
  })

  test('passes over an event that it does not know', () => {
    const { view, terminal } = world(false)
    view.event(journal()('moon.rose' as EventView['type'], {}))
    expect(terminal.written()).toBe('')
  })
})

describe('the live view on a terminal', () => {
  test('writes text as it streams and repeats nothing of it at the end', () => {
    const { view, terminal } = world(true)
    const event = journal()
    const delta = deltas(1)
    view.event(event('run.queued', queued))
    view.event(event('run.claimed', { attempt: 1 }))
    view.delta(delta('one'))
    expect(terminal.screen()).toBe('queued\nrunning\nstep 1\none')
    view.delta(delta(' two'))
    view.event(event('step.started', started(1)))
    view.event(event('model.responded', responded(1, 'one two three')))
    view.close()
    expect(terminal.screen()).toBe('queued\nrunning\nstep 1\none two three\n')
  })

  test('shows the thinking before the text, each on lines of its own', () => {
    const { view, terminal } = world(true)
    const event = journal()
    view.event(event('run.queued', queued))
    view.delta(deltas(1, 'reasoning.delta')('Hm.'))
    view.delta(deltas(1)('Yes'))
    view.event(event('model.responded', responded(1, 'Yes.')))
    view.close()
    expect(terminal.screen()).toBe('queued\nstep 1\nHm.\nYes.\n')
  })

  test('holds text back until what the step before it asked for is settled', () => {
    const { view, terminal } = world(true)
    const event = journal()
    view.event(event('run.queued', queued))
    view.event(event('model.responded', responded(1, null, 1)))
    view.delta(deltas(2)('early'))
    view.event(event('action.requested', { step: 1, action: 'a', tool: 'list_files', call: 'c', arguments: {} }))
    expect(terminal.screen()).not.toContain('early')
    view.event(event('action.settled', { step: 1, action: 'a', outcome: 'settled', duration_ms: 1, result: 'a.txt' }))
    view.close()
    expect(terminal.screen()).toBe('queued\nstep 1\n  list_files\n  ✓ a.txt  1 ms\nstep 2\nearly\n')
  })

  test('shows the whole text where what was streamed was not its beginning', () => {
    const { view, terminal } = world(true)
    const event = journal()
    view.event(event('run.queued', queued))
    view.delta(deltas(1)('first try'))
    view.delta(deltas(1, 'text.delta', 2)('second'))
    view.event(event('model.responded', responded(1, 'third')))
    view.close()
    expect(terminal.screen()).toBe('queued\nstep 1\nfirst try\nsecond\nthird\n')
  })

  test('streams the text of a call that is made again from its beginning', () => {
    const { view, terminal } = world(true)
    const event = journal()
    view.event(event('run.queued', queued))
    view.delta(deltas(1)('He'))
    view.event(
      event('model.failed', { step: 1, try: 1, code: 'c', message: 'cut', will_retry: true, retry_after_ms: 500 }),
    )
    view.delta(deltas(1)('Hello'))
    view.event(event('model.responded', responded(1, 'Hello.')))
    view.close()
    expect(terminal.screen()).toBe(
      'queued\nstep 1\nHe\nthe model did not answer: cut (c); asking again in 500 ms\nHello.\n',
    )
  })

  test('has one status line, which tells the state, the time and the cost, and is gone at the end', () => {
    const { view, terminal, pass } = world(true)
    const event = journal()
    view.event(event('run.queued', queued))
    expect(terminal.screen()).toBe('queued\nqueued · 0 ms · Ctrl-C cancels')
    view.event(event('run.claimed', { attempt: 1 }))
    pass(61_500)
    expect(terminal.screen()).toBe('queued\nrunning\nrunning · 1 m 01 s · Ctrl-C cancels')
    view.event(event('model.responded', responded(1, 'x', 1)))
    expect(terminal.screen()).toContain('step 1 · 1 m 01 s · 3 tokens out · $0.0012 · Ctrl-C cancels')
    view.close()
    expect(terminal.screen()).toBe('queued\nrunning\nstep 1\nx\n')
  })

  test('never lets the status line wrap, and leaves it out while a line is being written', () => {
    const { view, terminal } = world(true, 20)
    const event = journal()
    view.event(event('run.queued', queued))
    expect(terminal.screen().split('\n').at(-1)).toBe('queued · 0 ms ·…')
    view.delta(deltas(1)('text'))
    view.tick()
    expect(terminal.screen()).toBe('queued\nstep 1\ntext')
  })

  test('does not hand on what would steer the terminal', () => {
    const { view, terminal } = world(true)
    view.event(journal()('run.queued', queued))
    view.delta(deltas(1)('a\u001b[2Jb'))
    expect(terminal.screen()).toMatch(/a\[2Jb$/u)
  })

  test('puts a note on a line of its own', () => {
    const { view, terminal } = world(true)
    view.event(journal()('run.queued', queued))
    view.delta(deltas(1)('text'))
    view.note('warning', 'Cancelling.')
    view.close()
    expect(terminal.screen()).toBe('queued\nstep 1\ntext\nCancelling.\n')
  })
})
