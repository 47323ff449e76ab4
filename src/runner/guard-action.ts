import { moveLedger } from '../domain/budget.ts'
import type { Content, Digest } from '../domain/content.ts'
import type { Answer, Approval, DecisionInputs } from '../domain/decision.ts'
import type { NewEvent } from '../domain/event.ts'
import type { JsonObject, JsonValue } from '../domain/json.ts'
import { ledgerMoveOfAll } from '../domain/ledger-moves.ts'
import type { PromptAnswer } from '../domain/prompt.ts'
import type { SignedStatement } from '../domain/statement.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import { checkInput } from '../tool/check-input.ts'
import type { Tool } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'
import type { OpenAction } from './conversation.ts'
import { issueDecision } from './issue-statements.ts'
import { newArguments } from './tool-arguments.ts'

/** The characters of a malformed argument text that its refusal repeats to the model. */
const textShownMax = 200

/** An action that the guard is not asked about: there is no such tool, or the arguments do not fit it. */
export interface Unfit {
  readonly kind: 'unfit'
  readonly refusal: string
}

/** The guard's decision on one action, with everything that records it. */
export interface Guarded {
  readonly kind: 'guarded'
  readonly answer: Answer
  readonly decided: NewEvent & { kind: 'action.decided' }
  readonly contents: readonly Content[]
  readonly statement: SignedStatement
  readonly tool: Tool
  /** The arguments after redaction. They differ from the model's where the policy replaced something. */
  readonly input: JsonObject
  /** True where the policy replaced a part of the arguments. */
  readonly redacted: boolean
  /** The prompt that is to be opened, where a person has to approve the action. */
  readonly prompt: { readonly id: string; readonly expiresAt: number } | null
  readonly inputs: DecisionInputs
  /** The arguments after redaction, in their canonical form. */
  readonly argumentsText: string
  /** The text that the model reads in place of a result where the action was denied. */
  readonly refusal: string
}

function findTool(attempt: Attempt, name: string): Tool | undefined {
  const { tools } = attempt.journal.snapshot.run.config
  return tools.includes(name) ? attempt.deps.tools.get(name) : undefined
}

/**
 * Asks the guard about one action and issues the statement of its answer. It writes nothing. The answer was made from the
 * journal as it stands after `pending`, and counts only once it is committed there with nothing in between.
 */
export async function guardAction(
  attempt: Attempt,
  step: number,
  open: OpenAction,
  pending: readonly NewEvent[],
): Promise<Guarded | Unfit> {
  const { config } = attempt.journal.snapshot.run
  const tool = findTool(attempt, open.tool)
  if (tool === undefined) {
    const names = config.tools.join(', ') || 'none'
    return { kind: 'unfit', refusal: `There is no tool ${open.tool}. There are: ${names}.` }
  }
  const { value: input, canonical, salt } = open.arguments
  if (typeof input === 'string') {
    // The model wrote no JSON, or `keepable-response.ts` replaced arguments that could not be kept by a text that says why.
    const start = input.slice(0, textShownMax).toWellFormed()
    return { kind: 'unfit', refusal: `The arguments of the tool ${tool.name} are no JSON object but text: ${start}` }
  }
  const wrong = checkInput(tool.inputSchema, input)
  if (wrong.length > 0 || !isObject(input)) {
    const reasons = wrong.map(({ field, message }) => `${field}: ${message}`).join('; ')
    return { kind: 'unfit', refusal: `The arguments do not fit the tool ${tool.name}. ${reasons}` }
  }
  const { policy, deps } = attempt
  const approval = approvalOf(open)
  const verify = (given: Approval | undefined) => {
    const known = inputsOf(attempt, open, tool, input, pending)
    const inputs = given === undefined ? known : { ...known, approval: given }
    return deps.guard.verify({ policy, inputs, input, text: canonical, salt })
  }
  const first = await verify(approval)
  const replacedFirst = await replace(attempt, open, first.redacted)
  // An approval holds for the exact arguments that were asked about. Where the guard now makes others of them, it is asked again.
  const isOther =
    approval !== undefined && (replacedFirst?.arguments.digest ?? open.arguments.digest) !== approval.arguments
  const { decision, inputs, redacted } = isOther ? await verify(undefined) : first
  const replaced = isOther ? await replace(attempt, open, redacted) : replacedFirst
  const recorded = attempt.journal.text(canonicalText(inputs), 'application/json')
  const allowed = decision.answer === 'allow'
  const reservedMicrosUsd = allowed ? inputs.cost_micros_usd : 0
  const argumentsDigest = replaced?.arguments.digest ?? open.arguments.digest
  const prompt =
    decision.answer === 'ask' ? { id: deps.randomness.newId(), expiresAt: approvalExpiry(attempt, inputs.at) } : null
  const about = {
    step,
    open,
    tool,
    decision,
    inputs,
    argumentsDigest,
    inputsDigest: recorded.digest,
    reservedMicrosUsd,
    prompt,
  }
  const statement = issueDecision(attempt, about)
  const facts = {
    step,
    action: open.action,
    ...decision,
    reserved_micros_usd: reservedMicrosUsd,
    statement: statement.digest,
  }
  const contents: Record<string, Digest> = { inputs: recorded.digest }
  if (replaced !== undefined) contents['arguments'] = argumentsDigest
  return {
    kind: 'guarded',
    answer: decision.answer,
    decided: { ...attempt.journal.event('action.decided', facts, contents), at: inputs.at } as Guarded['decided'],
    contents: replaced === undefined ? [recorded] : [recorded, replaced.content],
    statement,
    tool,
    input: redacted ?? input,
    redacted: replaced !== undefined,
    prompt,
    inputs,
    argumentsText: replaced?.arguments.canonical ?? open.arguments.canonical,
    refusal: JSON.stringify({
      denied: true,
      tool: tool.name,
      rules: decision.rules,
      reason: decision.reason,
      message: inputs.approval?.outcome === 'denied' ? (messageOf(open) ?? undefined) : undefined,
    }),
  }
}

/** The outcome of the request for approval of an action, or undefined where nobody was asked. */
function approvalOf({ prompt, asked }: OpenAction): Approval | undefined {
  if (prompt === null || asked === null || prompt.settled === null) return undefined
  const { settled } = prompt
  if (settled.by === 'expiry') return { prompt: prompt.id, outcome: 'expired', by: null, statement: null, ...asked }
  const outcome = settled.outcome === 'approved' ? 'approved' : 'denied'
  return { prompt: prompt.id, outcome, by: settled.user, statement: settled.statement, ...asked }
}

/** The message of the person who denied it. */
function messageOf({ prompt }: OpenAction): string | null {
  if (prompt?.settled?.by !== 'answer' || prompt.settled.text === null) return null
  const { message }: PromptAnswer = JSON.parse(prompt.settled.text)
  return message
}

function approvalExpiry({ deps }: Attempt, at: number): number {
  return at + deps.limits.approval_hours * 3_600_000
}

/** Makes the arguments that the tool is given. What was asked about before keeps its content, so that its digest is the same. */
async function replace(attempt: Attempt, { asked }: OpenAction, redacted: JsonObject | undefined) {
  if (redacted === undefined) return undefined
  const { store, randomness } = attempt.deps
  const before = asked === null ? undefined : (await store.readContents([asked.arguments])).get(asked.arguments)
  return newArguments(before?.salt ?? randomness.newSalt(), redacted)
}

function inputsOf(
  attempt: Attempt,
  open: OpenAction,
  tool: Tool,
  input: JsonObject,
  pending: readonly NewEvent[],
): Omit<DecisionInputs, 'version' | 'findings'> {
  const { task, run } = attempt.journal.snapshot
  const { config } = run
  const { host, path } = tool.facetsOf(input)
  const move = ledgerMoveOfAll(pending)
  return {
    at: attempt.deps.clock.now(),
    task: task.id,
    run: run.id,
    action: open.action,
    principal: config.principal,
    policy: config.policy,
    tool: tool.name,
    access: tool.access,
    required: tool.capabilitiesFor(input).map((capability) => capability.toWellFormed()),
    granted: config.capabilities,
    sinks: tool.sinks,
    approval_categories: tool.approvalCategories,
    // A lone surrogate would be another character once it is recorded.
    host: host?.toWellFormed() ?? null,
    path: path?.toWellFormed() ?? null,
    arguments: open.arguments.digest,
    labels: [...attempt.conversation.labels].sort(),
    cost_micros_usd: costOf(attempt, tool),
    ledger: move === undefined ? task.ledger : moveLedger(task.ledger, move),
  }
}

/** Prices the tool by the tariff that a dialect froze with the run, and else by the tool's own price. */
function costOf(attempt: Attempt, tool: Tool): number {
  return attempt.journal.snapshot.run.config.toolCostsMicrosUsd?.[tool.name] ?? tool.costMicrosUsd
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
