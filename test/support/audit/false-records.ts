import { expect } from 'vitest'
import type { DecisionInputs } from '../../../src/domain/decision.ts'
import type { EventKind } from '../../../src/domain/event.ts'
import type { StatementKind } from '../../../src/domain/statement.ts'
import { canonicalText } from '../../../src/proof/canonical-json.ts'
import { verifyPackage } from '../../../src/proof/package/verify-package.ts'
import { lieAbout, type Record } from './lie-about.ts'
import { planOf, samplePackage } from './sample-package.ts'
import { sampleRedecide } from './sample-policies.ts'
import type { ActionPlan, StepPlan } from './write-sample.ts'

// What an installation would have to hide that signs a false record: every signature, digest, link and root is right.

/** What is told otherwise than it was, how, and the words by which it is found. */
export type Lie = readonly [title: string, lie: (record: Record) => void, problem: RegExp]

function step(...actions: readonly (readonly [ActionPlan['tool'], ActionPlan['fate'], personal?: true])[]): StepPlan {
  const planned = actions.map(([tool, fate, personal = false]) => ({ tool, fate, personal }))
  return { actions: planned, retries: true, subTask: true }
}

const sample = await samplePackage(
  planOf(
    {},
    {
      steps: [
        step(
          ['fetch', 'settled', true], // redacted
          ['fetch', 'revoked'],
          ['read_file', 'settled'], // labels the run
          ['fetch', 'settled'], // denied by the label
          ['mail', 'settled'], // a person denies it
          ['mail', 'settled', true], // a person approves it
          ['read_file', 'unfit'],
        ),
        step(['read_file', 'repeated']),
      ],
    },
  ),
)

export async function expectFound([, lie, problem]: Lie): Promise<void> {
  const bytes = await lieAbout(sample, lie)
  const verification = await verifyPackage(bytes, { pinned: [sample.pin], redecide: sampleRedecide })
  expect(verification).toMatchObject({ verdict: 'invalid', problem: expect.stringMatching(problem) })
}

/** Signing a record again is not what is found. */
export async function expectTruthValid(): Promise<void> {
  const bytes = await lieAbout(sample, () => undefined)
  const verification = await verifyPackage(bytes, { pinned: [sample.pin], redecide: sampleRedecide })
  expect(verification).toMatchObject({ verdict: 'valid' })
}

export function eventOf<K extends EventKind>(record: Record, kind: K, nth = 0) {
  const found = record.events.filter((event) => event.kind === kind)[nth]
  if (found === undefined) throw new Error(`There is no ${kind} ${nth}.`)
  return found as Extract<Record['events'][number], { kind: K }>
}

export function statementOf<K extends StatementKind>(record: Record, kind: K, nth = 0) {
  const found = record.statements.filter((statement) => statement.kind === kind)[nth]
  if (found === undefined) throw new Error(`There is no ${kind} ${nth}.`)
  return found as Extract<Record['statements'][number], { kind: K }>
}

export function changeInputs(
  record: Record,
  change: (inputs: { -readonly [K in keyof DecisionInputs]: DecisionInputs[K] }) => void,
  nth = 0,
): void {
  const { inputs: wanted } = eventOf(record, 'action.decided', nth).contents
  const content = record.contents.find(({ digest }) => digest === wanted)
  if (content === undefined) throw new Error('There are no inputs.')
  const inputs = JSON.parse(content.body)
  change(inputs)
  content.body = canonicalText(inputs)
}
