import { setImmediate } from 'node:timers/promises'
import { serialize } from 'node:v8'
import type { Digest } from '../../domain/content.ts'
import type { PolicyVersion } from '../../domain/policy.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { SignedHead } from '../../domain/statement.ts'
import { inclusionProof, type ReadNode } from '../../proof/merkle.ts'
import type { PackageParts, ProvenStatement } from '../../proof/package/build-package.ts'
import { digestsReferredTo } from '../../proof/package/check-contents.ts'
import type { LoggedStatement, Store } from '../../store/store.ts'
import type { EngineDeps } from '../engine-deps.ts'
import type { ServerDeps } from '../server-deps.ts'
import { readLogHead } from './read-log.ts'
import { storedNodes } from './stored-nodes.ts'

const pageSize = 200
/** The proofs that are made before other requests get their turn. */
const provenAtOnce = 50

type Count = (bytes: number) => void

/**
 * The pages of a long list, each encoded as a whole, so that handing a list of any length to another thread takes no time.
 */
type Pages = readonly Uint8Array[]

/** The parts of an audit package on their way to the worker that puts it together. */
export interface GatheredParts extends Omit<PackageParts, 'events' | 'contents' | 'statements'> {
  readonly events: Pages
  readonly contents: Pages
  readonly statements: Pages
}

/**
 * Reads everything that an audit package consists of: events, then contents, then statements, then heads, so that each exists
 * for what was read before it. Other work gets its turn between the pages. Refuses `limit_exceeded` before it holds more than
 * `audit_bytes_max`.
 */
export async function gatherPackageParts(
  deps: ServerDeps,
  taskId: string,
  withContents: boolean,
): Promise<GatheredParts> {
  const { store, clock, notary } = deps
  const count = countUpTo(deps)
  const { events, contentDigests, policyDigests } = await readAllEvents(store, taskId, count)
  const contents = await readAllContents(store, contentDigests, withContents, count)
  const policies = await readPolicies(store, policyDigests)
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

function countUpTo({ limits }: Pick<EngineDeps, 'limits'>): Count {
  const most = limits.audit_bytes_max
  let held = 0
  return (bytes) => {
    held += bytes
    if (held <= most) return
    const message = `The package would be larger than ${most} bytes (audit_bytes_max). It may fit without contents.`
    throw new Refusal('limit_exceeded', message, { limit: 'audit_bytes_max' })
  }
}

async function readAllEvents(store: Store, taskId: string, count: Count) {
  const events: Uint8Array[] = []
  const contentDigests = new Set<Digest>()
  const policyDigests = new Set<Digest>()
  for (let seen = 0; ; ) {
    const page = await store.readEvents(taskId, seen, pageSize)
    const encoded = serialize(page)
    count(encoded.byteLength)
    events.push(encoded)
    for (const digest of digestsReferredTo(page)) contentDigests.add(digest)
    for (const { kind, facts } of page) if (kind === 'run.queued') policyDigests.add(facts.config.policy.digest)
    if (page.length < pageSize) return { events, contentDigests, policyDigests }
    seen += page.length
    await setImmediate()
  }
}

/**
 * Contents are read few at a time, since each may be large. Where bodies are left out it only matters which contents exist.
 */
async function readAllContents(
  store: Store,
  digests: ReadonlySet<Digest>,
  keepsBodies: boolean,
  count: Count,
): Promise<Uint8Array[]> {
  const pages: Uint8Array[] = []
  const all = [...digests]
  for (let from = 0; from < all.length; from += 20) {
    const page = [...(await store.readContents(all.slice(from, from + 20))).values()]
    if (keepsBodies) for (const { body } of page) count(body.length)
    pages.push(serialize(keepsBodies ? page : page.map((content) => ({ ...content, body: '' }))))
    await setImmediate()
  }
  return pages
}

async function readPolicies(store: Store, digests: ReadonlySet<Digest>): Promise<PolicyVersion[]> {
  const policies: PolicyVersion[] = []
  for (const digest of digests) {
    const version = await store.readPolicy(digest)
    if (version === undefined) throw new Error(`The policy ${digest} is not there any more.`)
    policies.push(version)
  }
  return policies
}

/**
 * Reads the newest head of each log that one of the statements is in, the oldest log first. Each head covers all statements
 * of its log.
 */
async function readHeads(deps: ServerDeps, statements: readonly LoggedStatement[]): Promise<SignedHead[]> {
  const begins = new Map<string, number>()
  for (const { logId, issuedAt } of statements) {
    begins.set(logId, Math.min(issuedAt, begins.get(logId) ?? Number.POSITIVE_INFINITY))
  }
  // The log that grows is the newest, whatever the clock was set to.
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
): Promise<Uint8Array[]> {
  const pages: Uint8Array[] = []
  let proven: ProvenStatement[] = []
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
    if (proven.length < provenAtOnce) continue
    pages.push(serialize(proven))
    proven = []
    await setImmediate()
  }
  return [...pages, serialize(proven)]
}

/** Remembers nodes, since the paths of one log share most of theirs. */
function remembered(readNode: ReadNode): ReadNode {
  const known = new Map<string, string>()
  return async (level, index) => {
    const key = `${level}/${index}`
    const hash = known.get(key) ?? (await readNode(level, index))
    known.set(key, hash)
    return hash
  }
}
