import { setImmediate } from 'node:timers/promises'
import type { SignedHead } from '../../domain/statement.ts'
import { completedNodes, type ReadNode, rootOf, type TreeNode } from '../../proof/merkle.ts'
import { signHead } from '../../proof/tree-head.ts'
import type { Keyring } from '../../signer/signer.ts'
import type { EngineDeps } from '../engine-deps.ts'
import { storedNodes } from '../queries/stored-nodes.ts'
import { createPollLoop, type Service } from './poll-loop.ts'

/** Half of the second within which a leaf is covered: a commit that comes right after a poll is covered by the next. */
const pollEveryMs = 500
/** The most leaves that one head adds. More at once would hold up the event loop. */
const leavesAtOnce = 1_000

/** Named moments, for tests. */
export interface LogKeeperSignals {
  signed?(head: SignedHead): void
  polled?(): void
}

/** Signs the heads of the transparency log as it grows, and keeps the nodes that proofs are made of. */
export interface LogKeeper extends Service {
  /** From then on a signed head covers each new leaf within a second. */
  start(): void
  /**
   * Answers with the newest head, and signs one where need be: it covers every statement whose commit was acknowledged before
   * the call.
   */
  cover(): Promise<SignedHead>
  /** Covers the leaves that exist, and signs nothing more. */
  stop(): Promise<void>
}

/**
 * Creates the keeper of the log's heads. A crash between two heads loses nothing: the next poll begins at the head that is on
 * disk.
 */
export function createLogKeeper(
  deps: Pick<EngineDeps, 'store' | 'clock' | 'notary' | 'log'>,
  signals: LogKeeperSignals = {},
): LogKeeper {
  let last: Promise<unknown> = Promise.resolve()
  let next: Promise<SignedHead> | undefined

  /**
   * One signing is under way at a time. A caller during one waits for the next, which covers everything that was committed by
   * then.
   */
  const cover = (): Promise<SignedHead> => {
    next ??= last.then(() => {
      next = undefined
      const { store, clock, notary } = deps
      const signing = coverLog({ store, clock, keyring: notary.keyring }, notary.logId, signals)
      last = signing.catch(() => undefined) // Whoever waits for this signing gets the error.
      return signing
    })
    return next
  }
  const warn = (error: unknown) => {
    deps.log.warn({ err: error }, 'the head of the log could not be signed; trying again')
    signals.polled?.()
    return pollEveryMs
  }
  const loop = createPollLoop({
    clock: deps.clock,
    async poll() {
      await cover()
      signals.polled?.()
      return pollEveryMs
    },
    onError: warn,
  })
  return {
    start: () => loop.start(pollEveryMs),
    cover,
    async stop() {
      await loop.stop()
      await cover().catch(warn)
    },
  }
}

/** The dependencies of signing heads. */
export interface LogHeadDeps extends Pick<EngineDeps, 'store' | 'clock'> {
  readonly keyring: Keyring
}

/**
 * Answers with the newest head of a log, and signs one where leaves on disk are not covered. The caller lets one call at a
 * time be under way.
 */
export async function coverLog(deps: LogHeadDeps, logId: string, signals: LogKeeperSignals = {}): Promise<SignedHead> {
  const { store } = deps
  for (;;) {
    const head = await store.readLogHead(logId)
    const leaves = await store.listLeaves(logId, head?.size ?? 0, leavesAtOnce)
    if (leaves.length === 0 && head !== undefined) return head
    const signed = await extend(deps, logId, head?.size ?? 0, leaves)
    signals.signed?.(signed)
    if (leaves.length < leavesAtOnce) return signed
    await setImmediate()
  }
}

/** Signs the tree with these further leaves. Its head and its new nodes are one commit. */
async function extend(deps: LogHeadDeps, logId: string, from: number, leaves: readonly string[]): Promise<SignedHead> {
  const { store, keyring, clock } = deps
  const stored = storedNodes(store, logId)
  const nodes = await completedNodes(from, leaves, stored)
  const size = from + leaves.length
  const root = await rootOf(size, withNew(stored, nodes))
  const head = signHead(keyring.current, { logId, size, root, at: clock.now() })
  await store.commit({ write: [{ kind: 'put_log_head', head, nodes }] })
  return head
}

/** Reads the nodes that are not on disk yet too. */
function withNew(stored: ReadNode, nodes: readonly TreeNode[]): ReadNode {
  const added = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]))
  return (level, index) => added.get(`${level}/${index}`) ?? stored(level, index)
}
