import type { Commit, CommitOutcome, Requirement, Write } from '../../commit.ts'
import { digest } from '../columns.ts'
import { type ParameterValue, placeValues } from '../named-sql.ts'
import { requirementSql } from '../sql/requirements.ts'
import type { Call, EncodedCommit } from '../writer/encoded-commit.ts'
import type { RequirementName } from '../writer/writer-sql.ts'
import { type CommitParts, createCommitParts, type WriteEncoders } from './commit-parts.ts'
import { identityEncoders } from './identity-writes.ts'
import { logEncoders } from './log-writes.ts'
import { promptEncoders } from './prompt-writes.ts'
import { encodeTask, taskEncoders } from './task-writes.ts'
import { encodeDeliveries, webhookEncoders } from './webhook-writes.ts'

const encoders: WriteEncoders = {
  ...taskEncoders,
  ...identityEncoders,
  ...webhookEncoders,
  ...logEncoders,
  ...promptEncoders,
}

/** Encodes a commit for the writer thread. This is done on the main thread, so that the writer only binds and steps. */
export function encodeCommit(commit: Commit): EncodedCommit {
  const parts = createCommitParts()
  for (const write of commit.write) encodeWrite(write, parts)
  const encoded = Array.from(parts.tasks.values(), (task) => encodeTask(task, parts))
  const changed = encoded.filter(({ runs, eventCount, contents }) => runs.length + eventCount + contents.length > 0)
  return {
    checks: commit.require?.map(encodeRequirement) ?? [],
    tasks: changed,
    calls: parts.calls,
    deliveries: encodeDeliveries(commit, changed),
    hasBytes: commit.write.some(holdsBytes),
    purges: commit.write.some(({ kind }) => kind === 'purge_contents'),
  }
}

function encodeWrite<Kind extends Write['kind']>(write: Extract<Write, { kind: Kind }>, parts: CommitParts): void {
  const encode: WriteEncoders[Kind] = encoders[write.kind as Kind]
  encode(write, parts)
}

function holdsBytes(write: Write): boolean {
  if (write.kind === 'put_contents') return write.contents.some(({ body }) => typeof body !== 'string')
  return write.kind === 'add_webhook_secret' || write.kind === 'save_webhook_secret'
}

/** The outcome of a commit from the numbers that the writer assigned, by the ids that the commit knows. */
export function decodeAssigned(commit: Commit, encoded: EncodedCommit, assigned: readonly number[]): CommitOutcome {
  const lastSeq: Record<string, number> = {}
  const numbers: Record<string, number> = {}
  let next = 0
  for (const { id, insert, eventCount } of encoded.tasks) {
    const [number = 0, seq = 0] = assigned.slice(next, next + 2)
    next += 2
    if (insert !== null) numbers[id] = number
    if (eventCount > 0) lastSeq[id] = seq
  }
  for (const write of commit.write) {
    if (write.kind !== 'insert_agent') continue
    numbers[write.agent.id] = assigned[next] ?? 0
    next += 1
  }
  return { committed: true, lastSeq, numbers }
}

/** Encodes a requirement as its SQL's name and parameters. */
export function encodeRequirement(requirement: Requirement): Call<RequirementName> {
  return [requirement.name, ...placeValues<string>(requirementSql[requirement.name], valuesOf(requirement))]
}

/** The values of the SQL's parameters. Most of them are the requirement's own properties, under the same names. */
function valuesOf(requirement: Requirement): Readonly<Record<string, ParameterValue>> {
  switch (requirement.name) {
    case 'runIs': {
      const { run, states, attempt = null } = requirement
      return { run, states: `,${states.join(',')},`, attempt }
    }
    case 'withinBudget':
      return { task: requirement.task, ...requirement.amounts }
    case 'unrevoked':
      return { certificate: digest.write(requirement.certificate) }
    default:
      return requirement
  }
}
