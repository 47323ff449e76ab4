import type { Manifest, ManifestFile } from '../../blob/blob.ts'
import type { Principal } from '../../domain/principal.ts'
import { Refusal } from '../../domain/refusal.ts'
import { readTaskFor } from '../access/read-task.ts'
import type { EngineDeps } from '../engine-deps.ts'

/** The files of a task as its last settled action left them. Read from the blob store: no folder of the task is touched. */
export async function listFiles(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
): Promise<readonly ManifestFile[]> {
  const { task } = await readTaskFor(deps, principal, taskId)
  if (task.manifest === null) return []
  const bytes = await deps.blobs.get(task.manifest)
  if (bytes === undefined) throw new Error(`The manifest ${task.manifest} of task ${taskId} is missing.`)
  const manifest: Manifest = JSON.parse(new TextDecoder().decode(bytes))
  return manifest.files
}

/** One file's bytes. Refuses `file_not_found`. */
export async function readFile(
  deps: EngineDeps,
  principal: Principal,
  taskId: string,
  path: string,
): Promise<Uint8Array> {
  const file = (await listFiles(deps, principal, taskId)).find((candidate) => candidate.path === path)
  const bytes = file && (await deps.blobs.get(file.digest))
  if (bytes === undefined) throw new Refusal('file_not_found', 'There is no such file.')
  return bytes
}
