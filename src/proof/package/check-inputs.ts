import type { DecisionInputs } from '../../domain/decision.ts'
import { BrokenLink, demand, demandEqual, present } from './broken-link.ts'
import { findingsShape } from './package-shapes.ts'
import type { TextOf } from './packaged-content.ts'
import { readCanonical, readInputs } from './read-inputs.ts'
import { type ActionRecord, type Decided, eachDecision, placeOf, type TaskRecord } from './task-record.ts'

/** Checks that the inputs of each decision, where they still exist, equal the state of the journal just before it. */
export function checkInputs(record: TaskRecord, textOf: TextOf): void {
  for (const action of record.actions) {
    for (const decided of eachDecision(action)) checkDecided(record.task, decided, decided.decision, textOf)
    checkFindings(action, textOf)
  }
}

function checkDecided(task: string, action: ActionRecord, decision: Decided, textOf: TextOf): void {
  const { event, ledger, labels } = decision
  const where = `inputs of ${placeOf(event)}`
  present(event.contents['inputs'], where, 'the decision names none')
  const read = readInputs(action, textOf)
  if ('problem' in read) throw new BrokenLink(where, read.problem)
  if ('gone' in read) {
    demand(read.gone !== 'sealed', where, 'they are sealed, or no text')
    return
  }
  const { inputs } = read
  const { config, run } = action.run
  const { facts, contents } = action.requested
  const fields: readonly (readonly [string, unknown, unknown, string])[] = [
    ['the time', inputs.at, event.at, 'the journal'],
    ['the task', inputs.task, task, 'the package'],
    ['the run', inputs.run, run, 'the journal'],
    ['the action', inputs.action, facts.action, 'the journal'],
    ['the tool', inputs.tool, facts.tool, 'the journal'],
    ['the digest of the arguments', inputs.arguments, contents['arguments'], 'the journal'],
    ['the principal', inputs.principal, config.principal, "the run's configuration"],
    ['the policy', inputs.policy, config.policy, "the run's configuration"],
    ['the granted capabilities', inputs.granted, config.capabilities, "the run's configuration"],
    ['the labels', inputs.labels, labels, 'the events before'],
    ['the ledger', inputs.ledger, ledger, 'the events before'],
  ]
  for (const [what, found, expected, whose] of fields) demandEqual(where, what, found, expected, whose)
  if (event.facts.answer === 'allow') {
    demandEqual(where, 'the cost', inputs.cost_micros_usd, event.facts.reserved_micros_usd, 'the reservation')
  }
  checkSpans(where, inputs, textOf)
}

/** Checks that the findings lie within the arguments. */
function checkSpans(where: string, inputs: DecisionInputs, textOf: TextOf): void {
  const scanned = textOf(inputs.arguments)
  if ('gone' in scanned) return
  for (const [i, { start, end }] of inputs.findings.entries()) {
    const inside = start <= end && end <= scanned.text.length
    demand(inside, where, `findings[${i}] is at ${start} to ${end} of a text of ${scanned.text.length} characters`)
  }
}

/** Checks the form of the findings of a result, which refer to the result before redaction. */
function checkFindings({ settled }: ActionRecord, textOf: TextOf): void {
  const digest = settled?.contents['findings']
  if (settled === undefined || digest === undefined) return
  const found = textOf(digest)
  if ('gone' in found) return
  const read = readCanonical(found.text, findingsShape, 'findings')
  if ('problem' in read) throw new BrokenLink(`findings of ${placeOf(settled)}`, read.problem)
}
