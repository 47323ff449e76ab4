import { setImmediate } from 'node:timers/promises'
import type { Manifest } from '../blob/blob.ts'
import type { Digest } from '../domain/content.ts'
import type { Write } from '../store/commit.ts'
import type { Store } from '../store/store.ts'
import type { EngineDeps } from './engine-deps.ts'

/**
 * Files of purged tasks are bytes by digest, which other tasks may have too. A purge notes its task in the commit that takes
 * its contents; whoever looks later removes what no manifest names, and then the note. A crash in between leaves the note.
 */
interface Note {
  readonly task: string
  readonly at: number
}

const noteSetting = 'purged_files'
/** Notes that may wait: they are one setting, which every purge writes. */
export const notesMax = 1_000
/**
 * Bytes are removed no sooner than this after the purge, and not when they were put within it: who puts bytes commits the
 * manifest that names them within less.
 */
export const graceMs = 10 * 60_000
const pageSize = 200

/** Notes are read, changed and committed by one at a time. One process writes to a store of ours. */
const lasts = new WeakMap<Store, Promise<unknown>>()

/**
 * Has a commit change the notes. `commit` is given the notes and answers with the write that changes them among its
 * own; calls follow one another.
 */
export function withNotes<T>(store: Store, commit: (notes: readonly Note[]) => Promise<T>): Promise<T> {
  const result = (lasts.get(store) ?? Promise.resolve()).then(async () => commit(await readNotes(store)))
  lasts.set(
    store,
    result.catch(() => undefined), // told to its own caller
  )
  return result
}

export function saveNotes(notes: readonly Note[]): Write {
  return { kind: 'put_setting', name: noteSetting, value: JSON.stringify(notes) }
}

async function readNotes(store: Store): Promise<readonly Note[]> {
  const text = await store.readSetting(noteSetting)
  return text === undefined ? [] : JSON.parse(text)
}

/** When the next files of purged tasks may be removed; undefined where there are none. */
export async function nextFilesAt({ store }: Pick<EngineDeps, 'store'>): Promise<number | undefined> {
  const [first] = await readNotes(store)
  return first === undefined ? undefined : first.at + graceMs
}

export async function countNotes({ store }: Pick<EngineDeps, 'store'>): Promise<number> {
  return (await readNotes(store)).length
}

/** Removes what is due: file blobs and manifests of purged tasks that no task's manifest names now. Answers how many tasks' it were. */
export async function removePurgedFiles(deps: EngineDeps): Promise<number> {
  const { store, blobs, clock } = deps
  const now = clock.now()
  const due = (await readNotes(store)).filter(({ at }) => at + graceMs <= now)
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
  // Manifests say which files there are: they go when nothing of it has to be done again.
  if (areGone) for (const digest of manifests) await remove(digest)
  const seen = new Set(due.map(({ task, at }) => `${task} ${at}`))
  await withNotes(store, (notes) => {
    const rest = notes.filter(({ task, at }) => !seen.has(`${task} ${at}`))
    // What somebody has put meanwhile is named by a manifest at the next look, or by none and then removed.
    const again = areGone ? [] : due.map(({ task }) => ({ task, at: now }))
    return store.commit({ write: [saveNotes([...rest, ...again])] })
  })
  return areGone ? due.length : 0
}

/** All files of all states of a task's workspace, by its journal. */
async function collectFiles(
  { store, blobs }: EngineDeps,
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

/** The manifests that a journal names after a seq, in order. */
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

/** Takes out what the workspace of any task is made of now. */
async function keepReferenced(
  { store, blobs }: EngineDeps,
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

/** No files where the manifest itself is gone: it was removed after them. */
async function readManifest(blobs: EngineDeps['blobs'], digest: Digest): Promise<Manifest['files']> {
  const bytes = await blobs.get(digest)
  if (bytes === undefined) return []
  const manifest: Manifest = JSON.parse(new TextDecoder().decode(bytes))
  return manifest.files
}
