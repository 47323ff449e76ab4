import type { Digest } from '../../domain/content.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { TaskSnapshot } from '../../domain/evolve.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Principal } from '../../domain/principal.ts'
import type { AnswerChannel, AnswerOutcome, Prompt, PromptAnswer, Responder } from '../../domain/prompt.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SignedStatement } from '../../domain/statement.ts'
import { recordAndCommit } from '../../journal/commit-events.ts'
import { canonicalText } from '../../proof/canonical-json.ts'
import { contentOf } from '../../proof/digests.ts'
import { signStatement } from '../../proof/signed-statement.ts'
import type { IdempotentRequest, Write } from '../../store/commit.ts'
import { checkInput } from '../../tool/check-input.ts'
import { mayAnswer, readPromptFor } from '../access/read-prompt.ts'
import { expirePrompt } from '../prompts/expire-prompt.ts'
import { readPayload } from '../prompts/read-payload.ts'
import { type SettledPromptOutcome, settlePrompt } from '../prompts/settle-prompt.ts'
import { retryChanged } from '../retry-changed.ts'
import type { ServerDeps } from '../server-deps.ts'
import { withinLimit } from '../settings/within-limit.ts'

/** A person's answer to a prompt. */
export interface AnswerPrompt {
  readonly outcome: AnswerOutcome
  /** The data that the prompt's schema asks for. Only with `answered`. */
  readonly data?: JsonObject | undefined
  /** A message to the agent, such as why something is declined. */
  readonly message?: string | undefined
  /** The version of what was read; another one is refused. */
  readonly version?: number | undefined
  readonly via?: AnswerChannel | undefined
  /** The writes that belong into the commit of the answer. */
  readonly writes?: readonly Write[] | undefined
  readonly request?: IdempotentRequest | undefined
}

/** The outcome of an answer: the prompt after it, its task, and what the run still asks. */
export interface AnsweredPrompt extends SettledPromptOutcome {
  readonly prompt: Prompt
}

/**
 * Settles a prompt by an answer; it is on disk when this resolves, and only then anything acts on it. The first answer counts.
 * Refuses `prompt_not_found`, `role_forbidden` (who may see the prompt but not answer it, which is recorded),
 * `prompt_settled` (with how, and also once its time is over), `invalid_input`.
 */
export async function answerPrompt(
  deps: ServerDeps,
  principal: Principal,
  promptId: string | undefined,
  answer: AnswerPrompt,
): Promise<AnsweredPrompt> {
  return retryChanged(async () => {
    const { prompt, snapshot } = await readPromptFor(deps, principal, promptId)
    if (!mayAnswer(principal, prompt, snapshot)) throw await reject(deps, principal, prompt, snapshot, answer)
    if (prompt.state !== 'open') throw settledAlready(prompt)
    const at = deps.clock.now()
    if (prompt.expiresAt !== null && prompt.expiresAt <= at) {
      await expirePrompt(deps, prompt)
      return undefined // read anew, it is settled
    }
    await checkAnswer(deps, prompt, answer)
    const content = contentOf(
      deps.randomness.newSalt(),
      canonicalText({ data: answer.data ?? {}, message: answer.message ?? null } satisfies PromptAnswer),
      'application/json',
    )
    const by = responderOf(principal, answer)
    const statement = signAnswer(deps, prompt, { outcome: answer.outcome, by, at, answer: content.digest })
    const event: NewEvent = {
      kind: 'prompt.answered',
      run: prompt.runId,
      attempt: null,
      at,
      facts: { prompt: prompt.id, outcome: answer.outcome, by, statement: statement.digest },
      contents: { answer: content.digest },
    }
    const { request, writes } = answer
    const settled = await settlePrompt(deps, snapshot, prompt, {
      event,
      contents: [content],
      statements: [statement],
      writes,
      request,
    })
    if (settled === undefined) return undefined
    const { outcome } = answer
    const after = { state: 'answered', settledAt: at, outcome, answeredBy: by, answer: content.digest } as const
    return { ...settled, prompt: { ...prompt, ...after } }
  })
}

interface GivenAnswer {
  readonly outcome: AnswerOutcome
  readonly by: Responder
  readonly at: number
  readonly answer: Digest
}

/** Signs who answered what, so that a certificate can name the approval that it rests on. */
function signAnswer({ notary }: ServerDeps, prompt: Prompt, { outcome, by, at, answer }: GivenAnswer): SignedStatement {
  const signer = notary.keyring.current
  return signStatement(signer, {
    kind: 'answer',
    log_id: notary.logId,
    key_id: signer.keyId,
    task: prompt.taskId,
    run: prompt.runId,
    action: prompt.action,
    prompt: prompt.id,
    prompt_kind: prompt.kind,
    payload: prompt.payload,
    answer,
    outcome,
    by,
    issued_at: at,
  })
}

/** Who answers, and how that is known. */
function responderOf({ userId, keyId }: Principal, { via }: AnswerPrompt): Responder {
  return { user: userId, key: keyId, via: via ?? (keyId === null ? 'token' : 'key') }
}

const outcomesOf: Readonly<Record<Prompt['kind'], readonly AnswerOutcome[]>> = {
  question: ['answered', 'declined'],
  approval: ['approved', 'denied'],
  plan: ['approved', 'denied'],
  budget: ['approved', 'denied'],
}

async function checkAnswer(deps: ServerDeps, prompt: Prompt, { outcome, data, message, version }: AnswerPrompt) {
  if (!outcomesOf[prompt.kind].includes(outcome)) {
    const allowed = outcomesOf[prompt.kind].join(' or ')
    const fields = [{ field: 'outcome', message: `must be ${allowed}` }]
    throw new Refusal('invalid_input', `A prompt of the kind ${prompt.kind} is ${allowed}.`, { fields })
  }
  if (version !== undefined && version !== prompt.version) {
    const fields = [{ field: 'version', message: `must be ${prompt.version}` }]
    throw new Refusal('invalid_input', `The prompt is at version ${prompt.version}: read it anew.`, { fields })
  }
  withinLimit(deps.limits, 'message_chars_max', 'message', message?.length ?? 0)
  if (outcome !== 'answered') return
  const schema = (await readPayload(deps, prompt))?.['schema']
  if (schema === undefined) throw new Refusal('invalid_input', 'What was asked is deleted, and cannot be answered.')
  const wrong = checkInput(schema, data ?? {})
  if (wrong.length > 0) throw new Refusal('invalid_input', 'The answer does not fit what was asked.', { fields: wrong })
}

/** The refusal of a second answer: it says how the prompt was settled. */
function settledAlready({ id, state, outcome, settledAt }: Prompt): Refusal {
  const how = state === 'answered' ? `answered: ${outcome}` : state
  const settled = { prompt: id, state, outcome, settledAt: settledAt ?? 0 }
  return new Refusal('prompt_settled', `The prompt is settled already (${how}).`, { settled })
}

/** Records that somebody tried to answer who may not. The prompt stays open. */
async function reject(
  deps: ServerDeps,
  principal: Principal,
  prompt: Prompt,
  snapshot: TaskSnapshot,
  answer: AnswerPrompt,
): Promise<Refusal> {
  const refusal = new Refusal('role_forbidden', 'This prompt can be read with this key, but not answered.')
  if (prompt.state !== 'open') return refusal
  const facts = { prompt: prompt.id, by: responderOf(principal, answer), code: refusal.code, message: refusal.message }
  const event: NewEvent = {
    kind: 'prompt.rejected',
    run: prompt.runId,
    attempt: null,
    at: deps.clock.now(),
    facts,
    contents: {},
  }
  await recordAndCommit(deps, snapshot, [event])
  return refusal
}
