import { noAmounts } from '../domain/budget.ts'
import type { Digest } from '../domain/content.ts'
import type { Decision, DecisionInputs } from '../domain/decision.ts'
import type { ActionOutcome } from '../domain/event.ts'
import type { ApprovalRequest, Certificate, RefusalRecord, Settlement, SignedStatement } from '../domain/statement.ts'
import { signStatement } from '../proof/signed-statement.ts'
import type { Tool } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'
import type { OpenAction } from './conversation.ts'

/**
 * The milliseconds that an allowed action may wait for its commit before it may no longer begin. The tool's own time comes on
 * top.
 */
const beginWithinMs = 60_000

/** Returns the instant by which an action that is certified now must have begun. A settlement after it is marked late. */
export function expiryOf(issuedAt: number, tool: Tool): number {
  return issuedAt + beginWithinMs + tool.timeoutMs
}

/** The facts that a statement about a decision signs. */
export interface Decided {
  readonly step: number
  readonly open: OpenAction
  readonly tool: Tool
  readonly decision: Decision
  readonly inputs: DecisionInputs
  /** The contents that hold the arguments after redaction, and the inputs of the decision. */
  readonly argumentsDigest: Digest
  readonly inputsDigest: Digest
  readonly reservedMicrosUsd: number
  /** The prompt by which a person is asked, or null where the guard allows or denies. */
  readonly prompt: { readonly id: string; readonly expiresAt: number } | null
}

/**
 * Signs the certificate of an allowed action, the record of its refusal, or the request for its approval. It is appended to the run's chain of statements
 * (`previous`).
 */
export function issueDecision(attempt: Attempt, decided: Decided): SignedStatement {
  const { config } = attempt.journal.snapshot.run
  const { open, tool, decision, inputs } = decided
  const common = {
    ...placeOf(attempt, decided.step, open.action),
    issued_at: inputs.at,
    principal: inputs.principal,
    tool: tool.name,
    arguments: decided.argumentsDigest,
    inputs: decided.inputsDigest,
    capabilities: config.capabilities,
    policy: config.policy,
    parent: attempt.journal.snapshot.task.parentId,
    rules: decision.rules,
  }
  const { reason } = decision
  if (decided.prompt !== null) {
    const { id: prompt, expiresAt: expires_at } = decided.prompt
    return sign(attempt, { ...common, kind: 'ask', reason, prompt, expires_at })
  }
  // A decision that another gate made, such as the budget's, does not rest on the answer that was given before.
  const rests = decision.rules.some((rule) => rule === 'approval' || rule === 'approval_denied')
  const approval = rests ? (inputs.approval?.statement ?? undefined) : undefined
  const named = approval === undefined ? {} : { approval }
  if (decision.answer !== 'allow') return sign(attempt, { ...common, ...named, kind: 'refusal', reason })
  return sign(attempt, {
    ...common,
    ...named,
    kind: 'certificate',
    reserved: { ...noAmounts, micros_usd: decided.reservedMicrosUsd },
    repeats: open.repeats,
    expires_at: expiryOf(inputs.at, tool),
  })
}

/**
 * The facts that a settlement signs. `costMicrosUsd` is in micro-dollars; `late` says that the action ended after its
 * certificate expired.
 */
export interface Settled {
  readonly step: number
  readonly action: string
  readonly certificate: Digest
  readonly at: number
  readonly outcome: ActionOutcome
  readonly result: Digest | null
  readonly costMicrosUsd: number
  readonly durationMs: number
  readonly late: boolean
  readonly labels: readonly string[]
}

/** Signs the settlement of a certified action. */
export function issueSettlement(attempt: Attempt, settled: Settled): SignedStatement {
  return sign(attempt, {
    ...placeOf(attempt, settled.step, settled.action),
    kind: 'settlement',
    issued_at: settled.at,
    certificate: settled.certificate,
    outcome: settled.outcome,
    result: settled.result,
    cost: { ...noAmounts, micros_usd: settled.costMicrosUsd },
    duration_ms: settled.durationMs,
    late: settled.late,
    labels: settled.labels,
  })
}

function placeOf(attempt: Attempt, step: number, action: string) {
  const { run } = attempt.journal.snapshot
  const { logId, keyring } = attempt.deps.notary
  return {
    log_id: logId,
    key_id: keyring.current.keyId,
    task: run.taskId,
    run: run.id,
    attempt: run.attempt,
    step,
    action,
    previous: attempt.conversation.lastStatement,
  }
}

function sign(
  attempt: Attempt,
  statement: ApprovalRequest | Certificate | RefusalRecord | Settlement,
): SignedStatement {
  return signStatement(attempt.deps.notary.keyring.current, statement)
}
