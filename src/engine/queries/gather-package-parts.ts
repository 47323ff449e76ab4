import { setImmediate } from 'node:timers/promises'
import type { Content, Digest } from '../../domain/content.ts'
import type { JournalEvent } from '../../domain/event.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SignedHead } from '../../domain/statement.ts'
import { inclusionProof, type ReadNode } from '../../proof/merkle.ts'
import type { PackageParts, ProvenStatement } from '../../proof/package/build-package.ts'
import { digestsReferredTo } from '../../proof/package/check-contents.ts'
import type { LoggedStatement, Store } from '../../store/store.ts'
import type { ServerDeps } from '../server-deps.ts'
import { readLogHead } from './read-log.ts'
import { storedNodes } from './stored-nodes.ts'

const pageSize = 200
/** Proofs that are made before others get their turn. */
const provenAtOnce = 50

type Count = (bytes: number) => void

/**
 * Reads all that an audit package is made of: events, then contents, then statements, then heads, so that each is there for what
 * was read before it. Refuses `limit_exceeded` before it holds more than `audit_bytes_max`.
 */
export async function gatherPackageParts(
  deps: ServerDeps,
  taskId: string,
  withContents: boolean,
): Promise<PackageParts> {
  const { store, clock, notary } = deps
  const count = countUpTo(deps)
  const events = await readAllEvents(store, taskId, count)
  const contents = await readAllContents(store, events, withContents, count)
  const policies = await readPolicies(store, events)
  const [own, unowned] = [await store.listStatements(taskId), await store.listUnownedStatements()]
  if (!own.some(({ kind }) => kind === 'closing')) {
    throw new Refusal('statement_not_found', 'There is no signed statement yet about how this task ended.')
  }
  for (const { envelope } of [...own, ...unowned]) count(envelope.length)
  const heads = await readHeads(deps, [...own, ...unowned])
  return {
    task: taskId,
    exportedAt: clock.now(),
    events,
    contents,
    isPrivate: !withContents,
    policies,
    statements: await proveAll(store, [...own, ...unowned], heads),
    heads,
    keys: notary.keyring.keys,
  }
}

function countUpTo({ limits }: ServerDeps): Count {
  const most = limits.audit_bytes_max
  let held = 0
  return (bytes) => {
    held += bytes
    if (held <= most) return
    const message = `The package would be larger than ${most} bytes (audit_bytes_max). It may fit without contents.`
    throw new Refusal('limit_exceeded', message, { limit: 'audit_bytes_max' })
  }
}

async function readAllEvents(store: Store, taskId: string, count: Count): Promise<JournalEvent[]> {
  const events: JournalEvent[] = []
  for (;;) {
    const page = await store.readEvents(taskId, events.length, pageSize)
    events.push(...page)
    for (const event of page) count(JSON.stringify(event).length)
    if (page.length < pageSize) return events
    await setImmediate()
  }
}

/** Few at a time, since each may be large; where they are left out it only matters which are there. */
async function readAllContents(
  store: Store,
  events: readonly JournalEvent[],
  keepsBodies: boolean,
  count: Count,
): Promise<Map<Digest, Content>> {
  const contents = new Map<Digest, Content>()
  const digests = [...digestsReferredTo(events)]
  for (let from = 0; from < digests.length; from += 20) {
    const page = await store.readContents(digests.slice(from, from + 20))
    for (const content of page.values()) {
      if (keepsBodies) count(content.body.length)
      contents.set(content.digest, keepsBodies ? content : { ...content, body: '' })
    }
    await setImmediate()
  }
  return contents
}

async function readPolicies(store: Store, events: readonly JournalEvent[]): Promise<PolicyVersion[]> {
  const digests = new Set(
    events.flatMap((event) => (event.kind === 'run.queued' ? [event.facts.config.policy.digest] : [])),
  )
  const policies: PolicyVersion[] = []
  for (const digest of digests) {
    const version = await store.readPolicy(digest)
    if (version === undefined) throw new Error(`The policy ${digest} is not there any more.`)
    policies.push(version)
  }
  return policies
}

/** Of each log that a statement is in, the oldest log first: the newest head there is, which covers all of them. */
async function readHeads(deps: ServerDeps, statements: readonly LoggedStatement[]): Promise<SignedHead[]> {
  const begins = new Map<string, number>()
  for (const { logId, issuedAt } of statements) {
    begins.set(logId, Math.min(issuedAt, begins.get(logId) ?? Number.POSITIVE_INFINITY))
  }
  // The one that grows is the newest, whatever the clock was set to.
  const current = deps.notary.logId
  const logs = [...begins].sort(([a, from], [b, to]) => Number(a === current) - Number(b === current) || from - to)
  const heads: SignedHead[] = []
  for (const [logId] of logs) heads.push(await readLogHead(deps, logId))
  return heads
}

async function proveAll(
  store: Store,
  statements: readonly LoggedStatement[],
  heads: readonly SignedHead[],
): Promise<ProvenStatement[]> {
  const proven: ProvenStatement[] = []
  const nodes = new Map(heads.map(({ logId }) => [logId, remembered(storedNodes(store, logId))]))
  for (const { kind, run, envelope, logId, leafIndex } of statements) {
    const head = heads.find((one) => one.logId === logId)
    const readNode = nodes.get(logId)
    if (head === undefined || readNode === undefined || leafIndex >= head.size) {
      const message = 'A statement is of a former log, and no head of that covers it: it cannot be proven.'
      throw new Refusal('statement_not_found', message)
    }
    const inclusion = await inclusionProof(leafIndex, head.size, readNode)
    proven.push({ kind, run, envelope, logId, leafIndex, inclusion })
    if (proven.length % provenAtOnce === 0) await setImmediate()
  }
  return proven
}

/** Paths of one log share most of their nodes. */
function remembered(readNode: ReadNode): ReadNode {
  const known = new Map<string, string>()
  return async (level, index) => {
    const key = `${level}/${index}`
    const hash = known.get(key) ?? (await readNode(level, index))
    known.set(key, hash)
    return hash
  }
}
