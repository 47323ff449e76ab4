import type { Digest } from '../../domain/content.ts'
import { demand, demandEqual, present } from './broken-link.ts'
import { type PlacedOf, type PlacedStatement, statementsOf } from './open-statements.ts'
import type { TextOf } from './packaged-content.ts'
import { readInputs } from './read-inputs.ts'
import { type ActionRecord, eachDecision, type PromptRecord, placeOf, type TaskRecord } from './task-record.ts'

/**
 * Checks that what people were asked and answered holds together: each prompt is settled, each answer is signed by the
 * server for exactly what was asked, came in time and is named by the certificate or refusal that rests on it, and an
 * approval lets one action through only.
 */
export function checkPrompts(placed: readonly PlacedStatement[], record: TaskRecord, textOf: TextOf): void {
  const answers = new Map<string, PlacedOf<'answer'>>()
  for (const prompt of record.prompts) {
    const answer = checkPrompt(placed, record, prompt)
    if (answer !== undefined) answers.set(prompt.opened.facts.prompt, answer)
  }
  for (const one of statementsOf(placed, 'answer')) {
    demand([...answers.values()].includes(one), one.where, `no event speaks of it (prompt ${one.statement.prompt})`)
  }
  for (const one of statementsOf(placed, 'ask')) checkRequest(one, record)
  const approvals = new Map<Digest, string>()
  for (const action of record.actions) checkApproval(placed, record, action, textOf, approvals)
}

function checkPrompt(
  placed: readonly PlacedStatement[],
  record: TaskRecord,
  { opened, settled, run }: PromptRecord,
): PlacedOf<'answer'> | undefined {
  const { prompt, prompt_kind, action, expires_at } = opened.facts
  // Every run in a package has ended, and withdraws what is open then.
  const end = present(settled, placeOf(opened), `nothing says what came of the prompt ${prompt}`)
  if (prompt_kind === 'approval') {
    const asked = record.actions.find(({ requested }) => requested.facts.action === action)
    present(asked, placeOf(opened), `it asks about the action ${action}, which was never requested`)
  }
  const where = placeOf(end)
  if (end.kind === 'prompt.expired') {
    demand(expires_at !== null && end.at >= expires_at, where, 'the prompt had not expired')
    demandEqual(where, 'the outcome', end.facts.outcome, opened.facts.on_expiry, 'what the prompt declared')
  }
  if (end.kind !== 'prompt.answered') return undefined
  demand(expires_at === null || end.at < expires_at, where, `it came after the prompt had expired at ${expires_at}`)
  const digest = present(end.facts.statement, where, 'it names no signed answer')
  const found = placed.find((one) => one.digest === digest)
  const [answer] = statementsOf(found === undefined ? [] : [found], 'answer')
  const { statement, where: at } = present(answer, where, `the answer ${digest} that it names is not in the package`)
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['the prompt', statement.prompt, prompt],
    ['the kind of the prompt', statement.prompt_kind, prompt_kind],
    ['the run', statement.run, run.run],
    ['the action', statement.action, action],
    ['the digest of what was asked', statement.payload, opened.contents['payload']],
    ['the digest of the answer', statement.answer, end.contents['answer']],
    ['the outcome', statement.outcome, end.facts.outcome],
    ['who answered', statement.by, end.facts.by],
    ['the time it was issued', statement.issued_at, end.at],
  ]
  for (const [what, stated, journaled] of fields) demandEqual(at, what, stated, journaled, 'the journal')
  return answer
}

/** Checks that a request for approval opened the prompt that it names. */
function checkRequest({ where, statement }: PlacedOf<'ask'>, { prompts }: TaskRecord): void {
  const prompt = prompts.find(({ opened }) => opened.facts.prompt === statement.prompt)
  const { opened, run } = present(prompt, where, `the prompt ${statement.prompt} was never opened`)
  const asked = { prompt_kind: opened.facts.prompt_kind, action: opened.facts.action, run: run.run }
  const stated = { prompt_kind: 'approval', action: statement.action, run: statement.run }
  demandEqual(where, 'what it asks about', stated, asked, 'the prompt')
  demandEqual(where, 'its expiry', statement.expires_at, opened.facts.expires_at, 'the prompt')
}

/** Checks each decision of an action that rests on a person's answer against that answer, and what was asked. */
function checkApproval(
  placed: readonly PlacedStatement[],
  record: TaskRecord,
  action: ActionRecord,
  textOf: TextOf,
  approvals: Map<Digest, string>,
): void {
  for (const decided of eachDecision(action)) {
    const { event } = decided.decision
    const statement = placed.find(({ digest }) => digest === event.facts.statement)?.statement
    const named = statement !== undefined && 'approval' in statement ? statement.approval : undefined
    const rests = event.facts.rules.includes('approval') || event.facts.rules.includes('approval_denied')
    const where = placeOf(event)
    demand(
      rests === (named !== undefined),
      where,
      `it rests on ${rests ? 'an' : 'no'} approval, and its statement names ${rests ? 'none' : 'one'}`,
    )
    if (named !== undefined) {
      const outcome = event.facts.answer === 'allow' ? 'approved' : 'denied'
      checkNamed(record, action, where, named, outcome)
      if (outcome === 'approved') {
        const first = firstOf(record, action)
        const usedBy = approvals.get(named)
        demand(
          usedBy === undefined || usedBy === first,
          where,
          `the approval ${named} was used for the action ${usedBy}`,
        )
        approvals.set(named, first)
      }
    }
    const read = readInputs(decided, textOf)
    const approval = 'inputs' in read ? read.inputs.approval : undefined
    if (approval === undefined) continue
    const prompt = record.prompts.find(({ opened }) => opened.facts.prompt === approval.prompt)
    const asked = prompt && askedFor(record, action, prompt)
    const { statement: ask, labels } = present(asked, where, `nobody was asked by the prompt ${approval.prompt}`)
    demandEqual(where, 'the arguments that were approved', approval.arguments, ask, 'the request for approval')
    demandEqual(where, 'the labels that were approved', approval.labels, labels, 'the request for approval')
    // Where it is asked again, or another gate denies it, nothing rests on the answer that was given.
    if (named !== undefined) demandEqual(where, 'the answer', approval.statement, named, 'the statement')
  }
}

function checkNamed(record: TaskRecord, action: ActionRecord, where: string, digest: Digest, outcome: string): void {
  const prompt = record.prompts.find(
    ({ settled }) => settled?.kind === 'prompt.answered' && settled.facts.statement === digest,
  )
  const { opened, settled } = present(prompt, where, `the answer ${digest} that its statement names was never given`)
  const about = opened.facts.action ?? ''
  demand(chainOf(record, action).includes(about), where, `its statement names an answer about the action ${about}`)
  const given = settled?.kind === 'prompt.answered' ? settled.facts.outcome : undefined
  demandEqual(where, 'the answer', given, outcome, 'the decision')
}

/** The subject of the request for approval by this prompt: the arguments that the tool would have got, and the labels. */
function askedFor(
  record: TaskRecord,
  action: ActionRecord,
  { opened }: PromptRecord,
): { readonly statement: Digest | undefined; readonly labels: readonly string[] } | undefined {
  const ids = chainOf(record, action)
  for (const one of record.actions.filter(({ requested }) => ids.includes(requested.facts.action))) {
    for (const decided of eachDecision(one)) {
      if (decided.decision.event.facts.answer !== 'ask') continue
      // The prompt is opened in the commit of the decision.
      if (decided.decision.event.seq > opened.seq || opened.facts.action !== one.requested.facts.action) continue
      const later = one.asks.some(({ event }) => event.seq > decided.decision.event.seq && event.seq < opened.seq)
      if (later) continue
      const given = decided.decision.event.contents['arguments'] ?? one.requested.contents['arguments']
      return { statement: given, labels: decided.decision.labels }
    }
  }
  return undefined
}

/** The action and those that it repeats, from the first on. */
function chainOf({ actions }: TaskRecord, action: ActionRecord): readonly string[] {
  const ids: string[] = []
  let id: string | undefined = action.requested.facts.action
  while (id !== undefined && !ids.includes(id)) {
    ids.unshift(id)
    id = actions.find(({ requested }) => requested.facts.action === id)?.requested.facts.repeats
  }
  return ids
}

function firstOf(record: TaskRecord, action: ActionRecord): string {
  return chainOf(record, action)[0] ?? ''
}
