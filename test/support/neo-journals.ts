import fc from 'fast-check'
import type { LoadedEvent } from '../../src/api/dialects/neo/ui/load-events.ts'
import type { EventFacts, EventKind, JournalEvent } from '../../src/domain/event.ts'
import type { AnswerOutcome, PromptKind } from '../../src/domain/prompt.ts'
import { defaultPlace, type RunConfig } from '../../src/domain/task.ts'
import { noUsage } from '../../src/domain/usage.ts'

export const journalRun = 'run-1'

const config: RunConfig = {
  model: { provider: 'demo', model: 'demo', name: 'demo', options: {} },
  instructions: null,
  tools: [],
  capabilities: [],
  denied: [],
  policy: { name: 'default', digest: 'sha256:policy' },
  retentionDays: 30,
  principal: { user: 'user-1', team: null, role: 'admin' },
  pathLabels: [],
  stepsMax: 10,
  timeoutMs: 60_000,
  stepTimeoutMs: 10_000,
  queueTimeoutMs: 60_000,
  extension: {},
}

const free = { cost_micros_usd: 0, released_micros_usd: 0 }
const held = { micros_usd: 0, tokens: 0 }

const promptOf = (action: string | null) => (action === null ? 'prompt' : `prompt-${action}`)

type Texts = Readonly<Record<string, string>>

/** Writes the journal of a run by hand: what each call adds has the next seq. */
export function createJournal(run: string = journalRun) {
  const events: LoadedEvent[] = []
  let attempt = 0
  const add = <K extends EventKind>(kind: K, facts: EventFacts[K], texts: Texts = {}): LoadedEvent => {
    const envelope = { seq: events.length + 1, run, attempt, at: events.length, contents: {} }
    const event = { ...envelope, kind, facts } as unknown as JournalEvent
    const loaded = { event, texts }
    events.push(loaded)
    return loaded
  }
  const usage = { usage: noUsage, cost_micros_usd: 0, released: held }
  return {
    events,
    add,
    get attempt() {
      return attempt
    },
    begin() {
      add('message.added', { role: 'user' }, { message: 'do it' })
      const turn = { turn: 1, place: defaultPlace, priority: 5, not_before: null }
      add('run.queued', { ...turn, config, input: 'sha256:input' })
    },
    claim() {
      attempt += 1
      add('run.claimed', { attempt })
    },
    respond: (step: number, texts: Texts, calls = 0) =>
      add('model.responded', { step, finish: 'stop', calls, ...usage }, texts),
    failCall: (step: number, will_retry: boolean) =>
      add('model.failed', { step, try: 1, code: 'unavailable', message: 'no', will_retry, released: held }),
    request: (step: number, action: string, repeats?: string) =>
      add(
        'action.requested',
        { step, action, tool: 'read_file', call: action, ...(repeats !== undefined && { repeats }) },
        { arguments: '{"path":"a.txt"}' },
      ),
    deny(step: number, action: string) {
      const decision = { answer: 'deny' as const, rules: ['capability'], reason: 'Not granted.' }
      add('action.decided', { step, action, ...decision, reserved_micros_usd: 0, statement: 'sha256:refusal' })
    },
    /** Opens the prompt of an action, or one of its own. */
    ask(step: number, action: string | null, prompt_kind: PromptKind, payload: object = {}) {
      const about = { step, action, tool: action === null ? null : 'read_file', categories: [], version: 1 }
      const facts = { prompt: promptOf(action), prompt_kind, ...about, expires_at: null, on_expiry: 'deny' as const }
      add('prompt.opened', facts, { payload: JSON.stringify(payload) })
    },
    answer(action: string | null, outcome: AnswerOutcome, message: string | null = null) {
      const facts = { prompt: promptOf(action), outcome, by: { user: 'user-1', key: null, via: 'token' as const } }
      add('prompt.answered', facts, { answer: JSON.stringify({ data: {}, message }) })
    },
    settle: (step: number, action: string, outcome: 'settled' | 'failed' | 'unknown' | 'denied', result?: string) =>
      add('action.settled', { step, action, outcome, duration_ms: 1, ...free }, result === undefined ? {} : { result }),
  }
}

/** What is streamed between the events: a piece of a step's text. */
export interface Piece {
  /** Its place is after this event, by index. */
  readonly after: number
  readonly kind: 'text' | 'reasoning'
  readonly text: string
  readonly snapshot: boolean
  readonly attempt: number
  readonly step: number
}

const callPlans = ['settled', 'failed', 'denied', 'unknown', 'open', 'answered', 'approved', 'refused'] as const
type CallPlan = (typeof callPlans)[number]

interface StepPlan {
  readonly reasoning: string
  readonly text: string
  readonly calls: readonly CallPlan[]
  readonly trouble: 'none' | 'retry' | 'lost'
  readonly cuts: readonly number[]
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 12 })
const anyStep: fc.Arbitrary<StepPlan> = fc.record({
  reasoning: anyText,
  text: anyText,
  calls: fc.array(fc.constantFrom(...callPlans), { maxLength: 3 }),
  trouble: fc.constantFrom('none', 'none', 'retry', 'lost'),
  cuts: fc.array(fc.nat(12), { maxLength: 3 }),
})

/** Whole runs: steps with texts and calls, calls that are tried again, attempts that are lost, each of the ends. */
export const anyRun = fc
  .record({
    steps: fc.array(anyStep, { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom('succeeded', 'failed', 'blocked', 'cancelled', 'none'),
  })
  .map(({ steps, end }) => writeRun(steps, end))

function writeRun(steps: readonly StepPlan[], end: 'succeeded' | 'failed' | 'blocked' | 'cancelled' | 'none') {
  const journal = createJournal()
  const pieces: Piece[] = []
  journal.begin()
  journal.claim()
  for (const [index, plan] of steps.entries()) writeStep(journal, pieces, index + 1, plan)
  const error = { code: 'x', message: 'It went wrong.' }
  if (end === 'succeeded') journal.add('run.succeeded', {})
  if (end === 'failed') journal.add('run.failed', { error })
  if (end === 'blocked') journal.add('run.blocked', { error })
  if (end === 'cancelled') journal.add('run.cancelled', { by: 'user' })
  return { events: journal.events, pieces }
}

function writeStep(journal: ReturnType<typeof createJournal>, pieces: Piece[], step: number, plan: StepPlan): void {
  const stream = (prefix: string) => {
    const where = { after: journal.events.length - 1, attempt: journal.attempt, step }
    for (const kind of ['reasoning', 'text'] as const) {
      const whole = prefix + plan[kind]
      const cuts = [0, ...plan.cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b)]
      for (const [at, cut] of cuts.entries()) {
        const end = cuts[at + 1]
        if (end === undefined) continue
        pieces.push({ ...where, kind, text: whole.slice(cut, end), snapshot: false })
        if (at % 2 === 1) pieces.push({ ...where, kind, text: whole.slice(0, end), snapshot: true })
      }
    }
  }
  journal.add('step.started', { step, model: 'demo', provider: 'demo', reserved: held })
  if (plan.trouble !== 'none') stream('another try: ')
  if (plan.trouble === 'retry') journal.failCall(step, true)
  if (plan.trouble === 'lost') {
    journal.add('attempt.lost', { attempt: journal.attempt, reason: 'died' })
    journal.claim()
  }
  stream('')
  const { text, reasoning } = plan
  journal.respond(step, { ...(text !== '' && { text }), ...(reasoning !== '' && { reasoning }) }, plan.calls.length)
  for (const [at, outcome] of plan.calls.entries()) {
    writeCall(journal, step, `action-${step}-${at}`, outcome, `result ${at}`)
  }
}

function writeCall(
  journal: ReturnType<typeof createJournal>,
  step: number,
  action: string,
  plan: CallPlan,
  result: string,
): void {
  journal.request(step, action)
  switch (plan) {
    case 'open':
      return
    case 'answered':
    case 'approved':
      journal.ask(step, action, plan === 'answered' ? 'question' : 'approval', { reason: 'It matters.' })
      journal.add('run.waiting', { for: 'prompt' })
      journal.answer(action, plan)
      journal.settle(step, action, 'settled', result)
      return
    case 'refused':
      journal.ask(step, action, 'approval')
      journal.answer(action, 'denied', 'Not today.')
      journal.settle(step, action, 'denied', result)
      return
    case 'denied':
      journal.deny(step, action)
      journal.settle(step, action, plan, result)
      return
    default:
      journal.settle(step, action, plan, plan === 'unknown' ? undefined : result)
  }
}
