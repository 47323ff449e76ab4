import type { DecisionInputs } from '../../domain/decision.ts'
import type { Check, Problem } from '../../domain/shape.ts'
import { canonicalText } from '../canonical-json.ts'
import type { Absence } from './audit-package.ts'
import { decisionInputsShape } from './package-shapes.ts'
import type { TextOf } from './packaged-content.ts'
import type { ActionRecord } from './task-record.ts'

/** The inputs of a decision, as far as the record still has them. */
export type ReadInputs = { readonly inputs: DecisionInputs } | { readonly gone: Absence | 'sealed' } | Problem

/** Reads the inputs of a decided action: canonical JSON of exactly their shape, or a problem. */
export function readInputs({ decision }: ActionRecord, textOf: TextOf): ReadInputs {
  const found = textOf(decision?.event.contents['inputs'])
  if ('gone' in found) return found
  const value = readCanonical(found.text, decisionInputsShape, 'inputs')
  if ('problem' in value) return value
  return { inputs: value.value as DecisionInputs } // Its shape was just checked.
}

/** Parses canonical JSON of this shape. */
export function readCanonical(text: string, shape: Check, at: string): { readonly value: unknown } | Problem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: `${at} is not JSON` }
  }
  const schemaError = shape(value, at)
  if (schemaError !== undefined) return schemaError
  return canonicalText(value) === text ? { value } : { problem: `${at} is not canonical JSON` }
}
