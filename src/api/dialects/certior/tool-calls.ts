import {
  type Content,
  type Digest,
  purgedPlaceholder,
  readableText,
  sealedPlaceholder,
} from '../../../domain/content.ts'
import type { Finding } from '../../../domain/decision.ts'
import type { ActionOutcome, EventOf, JournalEvent } from '../../../domain/event.ts'
import type { PolicyVersion } from '../../../domain/policy.ts'
import type { Store } from '../../../store/store.ts'
import type { ToolCall, Violation } from './contract/execution.ts'
import { uuidOf } from './present-certificate.ts'
import { centsOf, epochSecondsOf } from './values.ts'
import { revokedVerdict, verdictOf, violationsOfResult } from './verdicts.ts'

/** Contents that were read, by their digests. */
export type Contents = ReadonlyMap<Digest, Content>

const outcomes: Readonly<Record<ActionOutcome, NonNullable<ToolCall['outcome']>>> = {
  settled: 'completed',
  failed: 'failed',
  denied: 'blocked',
  unknown: 'unknown',
}

/** Names the outcome of a call in Certior's words. */
export function outcomeOf(outcome: ActionOutcome): NonNullable<ToolCall['outcome']> {
  return outcomes[outcome]
}

/** Reads the text of a digest: a placeholder where the server cannot read it, null where the event has none. */
export function textOf(contents: Contents, digest: Digest | undefined): string | null {
  if (digest === undefined) return null
  const content = contents.get(digest)
  return readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
}

/** Parses the arguments of a call. They are null where the server cannot read them. */
export function argumentsOf(contents: Contents, digest: Digest | undefined): unknown {
  const text = readableText(contents.get(digest ?? ''))
  return text === undefined ? null : JSON.parse(text)
}

/** Folds a journal into its tool calls, in the order in which the model requested them. */
export interface ToolCallFold {
  readonly calls: ReadonlyMap<string, ToolCall>
  /** Adds the next events. A call that waits for the guard has no verdict, and a running call has no outcome. */
  take(events: readonly JournalEvent[]): Promise<void>
}

/** Creates an empty fold of one task, to which events are added in order. */
export function createToolCallFold(store: Store): ToolCallFold {
  const calls = new Map<string, ToolCall>()
  const policies = createPolicyReader(store)
  const change = (action: string, changed: Partial<ToolCall>) => {
    const call = calls.get(action)
    if (call !== undefined) calls.set(action, { ...call, ...changed })
  }
  return {
    calls,
    async take(events) {
      const contents = await store.readContents(contentsOfToolCalls(events))
      for (const event of events) {
        if (event.kind === 'run.queued') await policies.open(event)
        if (event.kind === 'action.requested') calls.set(event.facts.action, newCall(event, contents))
        if (event.kind === 'action.decided') change(event.facts.action, decidedOf(event, contents))
        if (event.kind === 'action.revoked') change(event.facts.action, revokedVerdict)
        if (event.kind === 'action.settled') {
          const before = calls.get(event.facts.action)?.violations ?? []
          const violations = [...before, ...foundIn(event, contents, policies.current)]
          change(event.facts.action, { ...settledOf(event, contents), violations })
        }
      }
    },
  }
}

/** Reads the policy of the run whose events are being read. */
export interface PolicyReader {
  readonly current: PolicyVersion | undefined
  open(queued: EventOf<'run.queued'>): Promise<void>
}

/** Creates a reader that keeps the policy of the latest run. Runs in succession under the same policy read it once. */
export function createPolicyReader(store: Store): PolicyReader {
  let current: PolicyVersion | undefined
  return {
    get current() {
      return current
    },
    async open({ facts: { config } }) {
      const { digest } = config.policy
      if (digest !== current?.digest) current = await store.readPolicy(digest)
    },
  }
}

function newCall({ facts, contents: refs, at }: EventOf<'action.requested'>, contents: Contents): ToolCall {
  return {
    id: facts.action,
    step: facts.step,
    tool: facts.tool,
    arguments: argumentsOf(contents, refs['arguments']),
    verdict: null,
    reason: null,
    violations: [],
    outcome: null,
    result: null,
    duration_ms: null,
    cost_cents: 0,
    certificate_id: null,
    requested_at: epochSecondsOf(at),
  }
}

function decidedOf(event: EventOf<'action.decided'>, contents: Contents): Partial<ToolCall> {
  const digest = event.contents['arguments']
  return {
    ...verdictOf(event.facts),
    certificate_id: certificateIdOf(event),
    ...(digest !== undefined && { arguments: argumentsOf(contents, digest) }),
  }
}

/** Makes the id of the certificate of an allowed call. It is null for any other call. */
export function certificateIdOf({ facts }: EventOf<'action.decided'>): string | null {
  return facts.answer === 'allow' ? uuidOf(facts.statement) : null
}

function settledOf(event: EventOf<'action.settled'>, contents: Contents): Partial<ToolCall> {
  const { outcome, duration_ms, cost_micros_usd } = event.facts
  const result = textOf(contents, event.contents['result'])
  return { outcome: outcomeOf(outcome), result, duration_ms, cost_cents: centsOf(cost_micros_usd) }
}

/** Reads the findings in the result of a call, where the policy hides them from the model. */
export function foundIn(
  event: EventOf<'action.settled'>,
  contents: Contents,
  policy: PolicyVersion | undefined,
): Violation[] {
  const text = readableText(contents.get(event.contents['findings'] ?? ''))
  return text === undefined ? [] : violationsOfResult(JSON.parse(text) as Finding[], policy) // written by the runner
}

/** Lists the contents that a fold of these events opens. The inputs of decisions are not among them. */
function contentsOfToolCalls(events: readonly JournalEvent[]): Digest[] {
  return events.flatMap(({ kind, contents: { inputs: _inputs, ...shown } }) =>
    kind.startsWith('action.') ? Object.values(shown) : [],
  )
}
