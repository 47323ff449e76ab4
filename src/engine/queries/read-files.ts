import type { Manifest, ManifestFile } from '../../blob/blob.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { storedBytesLost } from '../../domain/storage-unavailable.ts'
import { readTaskFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/**
 * Lists the files of a task as its last settled action left them. They are read from the blob store: no folder of the task is
 * touched. Refuses `task_not_found`.
 */
export async function listFiles(
  deps: Pick<EngineDeps, 'blobs' | 'store'>,
  principal: Principal,
  taskId: string,
): Promise<readonly ManifestFile[]> {
  const { task } = await readTaskFor(deps, principal, taskId)
  if (task.manifest === null) return []
  const bytes = await deps.blobs.get(task.manifest)
  if (bytes === undefined) throw storedBytesLost(`The manifest ${task.manifest} of task ${taskId} is missing.`)
  const manifest: Manifest = JSON.parse(new TextDecoder().decode(bytes))
  return manifest.files
}

/** Reads the bytes of one file. Refuses `task_not_found`, `file_not_found`, and `storage_unavailable` where its bytes are
 * damaged or lost. */
export async function readFile(
  deps: Pick<EngineDeps, 'blobs' | 'store'>,
  principal: Principal,
  taskId: string,
  path: string,
): Promise<Uint8Array> {
  const file = (await listFiles(deps, principal, taskId)).find((candidate) => candidate.path === path)
  if (file === undefined) throw new Refusal('file_not_found', 'There is no such file.')
  const bytes = await deps.blobs.get(file.digest)
  if (bytes === undefined) throw storedBytesLost(`The blob ${file.digest} of task ${taskId} is missing.`)
  return bytes
}
