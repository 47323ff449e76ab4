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

export type Contents = ReadonlyMap<Digest, Content>

const outcomes: Readonly<Record<ActionOutcome, NonNullable<ToolCall['outcome']>>> = {
  settled: 'completed',
  failed: 'failed',
  denied: 'blocked',
  unknown: 'unknown',
}

export function outcomeOf(outcome: ActionOutcome): NonNullable<ToolCall['outcome']> {
  return outcomes[outcome]
}

/** A text that an event speaks of; a stand-in where the server cannot read it; null where it speaks of none. */
export function textOf(contents: Contents, digest: Digest | undefined): string | null {
  if (digest === undefined) return null
  const content = contents.get(digest)
  return readableText(content) ?? (content === undefined ? purgedPlaceholder : sealedPlaceholder)
}

export function argumentsOf(contents: Contents, digest: Digest | undefined): unknown {
  const text = readableText(contents.get(digest ?? ''))
  return text === undefined ? null : JSON.parse(text)
}

/** The tool calls of a journal as far as it was read, in the order in which the model wanted them. */
export interface ToolCallFold {
  readonly calls: ReadonlyMap<string, ToolCall>
  /** Takes in the next events. A call that waits for the guard has no verdict, one under way no outcome. */
  take(events: readonly JournalEvent[]): Promise<void>
}

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

/** The policy that the run is under whose events are being read. */
export interface PolicyReader {
  readonly current: PolicyVersion | undefined
  open(queued: EventOf<'run.queued'>): Promise<void>
}

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
  const given = event.contents['arguments']
  return {
    ...verdictOf(event.facts),
    certificate_id: certificateIdOf(event),
    ...(given !== undefined && { arguments: argumentsOf(contents, given) }),
  }
}

/** The id of the certificate that an allowed call has; null for any other. */
export function certificateIdOf({ facts }: EventOf<'action.decided'>): string | null {
  return facts.answer === 'allow' ? uuidOf(facts.statement) : null
}

function settledOf(event: EventOf<'action.settled'>, contents: Contents): Partial<ToolCall> {
  const { outcome, duration_ms, cost_micros_usd } = event.facts
  const result = textOf(contents, event.contents['result'])
  return { outcome: outcomeOf(outcome), result, duration_ms, cost_cents: centsOf(cost_micros_usd) }
}

/** What was found in the result of a call, as far as its policy has it kept from the model. */
export function foundIn(
  event: EventOf<'action.settled'>,
  contents: Contents,
  policy: PolicyVersion | undefined,
): Violation[] {
  const text = readableText(contents.get(event.contents['findings'] ?? ''))
  return text === undefined ? [] : violationsOfResult(JSON.parse(text) as Finding[], policy) // written by the runner
}

/** Which contents a fold of these events opens: not what decisions were made from. */
function contentsOfToolCalls(events: readonly JournalEvent[]): Digest[] {
  return events.flatMap(({ kind, contents: { inputs: _inputs, ...shown } }) =>
    kind.startsWith('action.') ? Object.values(shown) : [],
  )
}
