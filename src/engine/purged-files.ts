import { setImmediate } from 'node:timers/promises'
import type { Manifest } from '../blob/blob.ts'
import type { Digest } from '../domain/content.ts'
import type { Write } from '../store/commit.ts'
import type { Store } from '../store/store.ts'
import type { EngineDeps } from './engine-deps.ts'

/**
 * A purged task whose files are still to be removed. Files are bytes by digest, which other tasks may have too. A purge
 * records its task in the commit that removes its contents; the purger later removes the bytes that no manifest names, and
 * then the record. A crash in between leaves the record.
 */
interface PurgedTask {
  readonly task: string
  readonly at: number
}

const purgedTasksSetting = 'purged_files'
/** The most purged tasks that may wait: they are one setting, which every purge writes. */
export const purgedTasksMax = 1_000
/**
 * Bytes are removed no sooner than this many milliseconds after the purge, and not when they were put within that time:
 * whoever puts bytes commits the manifest that names them sooner.
 */
export const graceMs = 10 * 60_000
const pageSize = 200

/** The changes of one store's list follow one another. A data folder has one process. */
const lasts = new WeakMap<Store, Promise<unknown>>()

/**
 * Runs a commit that changes the list of purged tasks. `commit` gets the list and puts the write that changes it among its
 * own. Calls for one store follow one another, so that none overwrites another's change.
 */
export function changePurgedTasks<T>(
  store: Store,
  commit: (purgedTasks: readonly PurgedTask[]) => Promise<T>,
): Promise<T> {
  const result = (lasts.get(store) ?? Promise.resolve()).then(async () => commit(await readPurgedTasks(store)))
  lasts.set(
    store,
    result.catch(() => undefined), // its own caller gets the error
  )
  return result
}

/** The write that replaces the list of purged tasks. */
export function savePurgedTasks(purgedTasks: readonly PurgedTask[]): Write {
  return { kind: 'put_setting', name: purgedTasksSetting, value: JSON.stringify(purgedTasks) }
}

async function readPurgedTasks(store: Store): Promise<readonly PurgedTask[]> {
  const text = await store.readSetting(purgedTasksSetting)
  return text === undefined ? [] : JSON.parse(text)
}

/** Returns the instant at which the next files of purged tasks may be removed; undefined where there are none. */
export async function nextFilesAt({ store }: Pick<EngineDeps, 'store'>): Promise<number | undefined> {
  const [first] = await readPurgedTasks(store)
  return first === undefined ? undefined : first.at + graceMs
}

/** Counts the purged tasks whose files are still to be removed. */
export async function countPurgedTasks({ store }: Pick<EngineDeps, 'store'>): Promise<number> {
  return (await readPurgedTasks(store)).length
}

/**
 * Removes the file blobs and manifests of purged tasks that are due and that no task's manifest names now. Answers with the
 * number of those tasks. A crash at any point only repeats the work.
 */
export async function removePurgedFiles(deps: Pick<EngineDeps, 'blobs' | 'clock' | 'store'>): Promise<number> {
  const { store, blobs, clock } = deps
  const now = clock.now()
  const due = (await readPurgedTasks(store)).filter(({ at }) => at + graceMs <= now)
  if (due.length === 0) return 0
  const doomed = new Set<Digest>()
  const manifests = new Set<Digest>()
  for (const { task } of due) await collectFiles(deps, task, doomed, manifests)
  await keepReferenced(deps, doomed, manifests)
  const since = now - graceMs
  let areGone = true
  const remove = async (digest: Digest) => {
    areGone = (await blobs.remove(digest, since)) && areGone
  }
  for (const digest of doomed) await remove(digest)
  // Manifests name the files, so they are removed last: only when no file has to be tried again.
  if (areGone) for (const digest of manifests) await remove(digest)
  const handled = new Set(due.map(({ task, at }) => `${task} ${at}`))
  await changePurgedTasks(store, (purgedTasks) => {
    const rest = purgedTasks.filter(({ task, at }) => !handled.has(`${task} ${at}`))
    // A file that was put meanwhile is named by a manifest at the next poll, or by none, and is then removed.
    const again = areGone ? [] : due.map(({ task }) => ({ task, at: now }))
    return store.commit({ write: [savePurgedTasks([...rest, ...again])] })
  })
  return areGone ? due.length : 0
}

/** Collects all files of all states of a task's workspace, by its journal. */
async function collectFiles(
  { store, blobs }: Pick<EngineDeps, 'blobs' | 'store'>,
  taskId: string,
  doomed: Set<Digest>,
  manifests: Set<Digest>,
): Promise<void> {
  for await (const manifest of manifestsOf(store, taskId, 0)) {
    if (manifests.has(manifest)) continue
    manifests.add(manifest)
    for (const { digest } of await readManifest(blobs, manifest)) doomed.add(digest)
  }
}

/** Yields the manifests that a journal names after a seq, in order. */
export async function* manifestsOf(
  store: Pick<Store, 'readEvents'>,
  taskId: string,
  from: number,
): AsyncGenerator<Digest> {
  for (let after = from; ; ) {
    const events = await store.readEvents(taskId, after, pageSize)
    for (const { facts } of events) if ('manifest' in facts && facts.manifest !== undefined) yield facts.manifest
    const last = events.at(-1)
    if (last === undefined || events.length < pageSize) return
    after = last.seq
    await setImmediate()
  }
}

/** Takes out the files and manifests that any task's workspace consists of now. */
async function keepReferenced(
  { store, blobs }: Pick<EngineDeps, 'blobs' | 'store'>,
  doomed: Set<Digest>,
  manifests: Set<Digest>,
): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: Awaited<ReturnType<Store['listManifests']>> = await store.listManifests(after)
    for (const manifest of page.manifests) {
      if (doomed.size === 0 && manifests.size === 0) return
      manifests.delete(manifest)
      if (doomed.size === 0) continue
      for (const { digest } of await readManifest(blobs, manifest)) doomed.delete(digest)
    }
    after = page.next
    await setImmediate()
  }
}

/** Reads a manifest's files. There are none where the manifest itself is gone, since it is removed after them. */
async function readManifest(blobs: EngineDeps['blobs'], digest: Digest): Promise<Manifest['files']> {
  const bytes = await blobs.get(digest)
  if (bytes === undefined) return []
  const manifest: Manifest = JSON.parse(new TextDecoder().decode(bytes))
  return manifest.files
}
