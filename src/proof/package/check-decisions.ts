import type { Answer, DecisionInputs } from '../../domain/decision.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { demandEqual } from './broken-link.ts'
import { policyOf } from './check-policies.ts'
import type { TextOf } from './packaged-content.ts'
import { readInputs } from './read-inputs.ts'
import { type ActionRecord, eachDecision, placeOf, type TaskRecord } from './task-record.ts'

/**
 * Makes a decision again from these values alone, as the guard made it. The text is that of the arguments as the model
 * wrote them.
 */
export type Redecide = (
  version: PolicyVersion,
  inputs: DecisionInputs,
  argumentsText: string,
) => Promise<{ readonly answer: Answer; readonly rules: readonly string[] }>

/**
 * The number of decisions that were made again with the same result, and the number of the others by the reason for
 * which they could not be.
 */
export interface Rederived {
  readonly rederived: number
  readonly not_rederivable: readonly { readonly action: string; readonly because: string }[]
}

/** Makes every decision again whose inputs and arguments are present. Each must equal its record. */
export async function checkDecisions(
  record: TaskRecord,
  policies: readonly PolicyVersion[],
  textOf: TextOf,
  redecide: Redecide | undefined,
): Promise<Rederived> {
  let rederived = 0
  const others: { action: string; because: string }[] = []
  for (const action of record.actions.flatMap(eachDecision)) {
    const { event } = action.decision
    const given = materialOf(action, textOf)
    const because = redecide === undefined ? 'no policy engine was given' : given.because
    if (redecide === undefined || given.inputs === undefined) {
      others.push({ action: event.facts.action, because })
      continue
    }
    const { answer, rules } = await redecide(policyOf(policies, action.run), given.inputs, given.text)
    const recorded = { answer: event.facts.answer, rules: event.facts.rules }
    if (!isDeniedUnasked(recorded) || answer === 'allow') {
      demandEqual(placeOf(event), 'the decision', recorded, { answer, rules }, 'its inputs and its policy')
    }
    rederived += 1
  }
  return { rederived, not_rederivable: others }
}

type Material =
  | { readonly inputs: DecisionInputs; readonly text: string; readonly because: string }
  | { readonly inputs?: undefined; readonly because: string }

function materialOf(action: ActionRecord, textOf: TextOf): Material {
  const read = readInputs(action, textOf)
  if ('problem' in read) return { because: read.problem }
  if ('gone' in read) return { because: `its inputs are ${read.gone}` }
  const found = textOf(read.inputs.arguments)
  if ('gone' in found) return { because: `its arguments are ${found.gone}` }
  return { inputs: read.inputs, text: found.text, because: '' }
}

/** Version 0.1.0 could ask nobody, and denied what a person would have had to approve. */
function isDeniedUnasked({ answer, rules }: { readonly answer: Answer; readonly rules: readonly string[] }): boolean {
  return answer === 'deny' && rules.length === 1 && rules[0] === 'approval_required'
}
