import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { testWorkspaceLimits } from '../../../test/support/tool-limits.ts'
import { createDiskBlobs } from '../../blob/disk/create-disk-blobs.ts'
import { ToolError } from '../tool.ts'
import { createDiskWorkspaces } from './create-disk-workspaces.ts'

const taskId = '0b0f3c9e-6a63-4b53-9d0a-4a8f4f3f0002'

/** Swaps the folder `a` for a link to the folder outside, and back, as fast as it can. */
const adversary = `
  const { renameSync, rmSync, symlinkSync, unlinkSync } = require('node:fs')
  const { parentPort, workerData } = require('node:worker_threads')
  const stop = new Int32Array(workerData.stop)
  parentPort.postMessage('started')
  while (Atomics.load(stop, 0) === 0) {
    try {
      rmSync(workerData.aside, { recursive: true, force: true })
      renameSync(workerData.inside + '/a', workerData.aside)
      symlinkSync(workerData.outside, workerData.inside + '/a')
      unlinkSync(workerData.inside + '/a')
    } catch {}
    try { unlinkSync(workerData.inside + '/a') } catch {}
    try { renameSync(workerData.aside, workerData.inside + '/a') } catch {}
  }
`

test.skipIf(process.platform !== 'linux')('a folder swapped for a link in the middle is never followed', async () => {
  const base = await mkdtemp(join(tmpdir(), 'mandate-race-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const outside = join(base, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'f'), 'secret')
  const workspaces = createDiskWorkspaces({
    folder: join(base, 'workspaces'),
    blobs: createDiskBlobs(join(base, 'blobs')),
    limits: testWorkspaceLimits,
  })
  const workspace = await workspaces.open(taskId, null)
  const bytes = new TextEncoder().encode('public')
  await workspace.write('a/f', bytes)

  const stop = new Int32Array(new SharedArrayBuffer(4))
  const workerData = {
    stop: stop.buffer,
    inside: join(base, 'workspaces', taskId),
    outside,
    aside: join(base, 'aside'),
  }
  const worker = new Worker(adversary, { eval: true, workerData })
  const seen = { written: 0, read: 0, refused: 0 }
  try {
    await once(worker, 'message')
    for (let round = 0; round < 20_000 && (seen.refused < 100 || seen.written < 100 || seen.read < 100); round += 1) {
      await attempt(seen, 'written', () => workspace.write('a/f', bytes))
      await attempt(seen, 'read', async () => {
        expect(Buffer.from(await workspace.read('a/f', 100)).toString()).toBe('public')
      })
      await attempt(seen, 'refused', async () => {
        expect((await workspace.list()).every((file) => file.path === 'a/f')).toBe(true)
      })
    }
  } finally {
    Atomics.store(stop, 0, 1)
    await once(worker, 'exit')
  }

  expect(await readdir(outside)).toEqual(['f'])
  expect(await readFile(join(outside, 'f'), 'utf8')).toBe('secret')
  // The race was run: each of the ways it can go was seen.
  expect(seen.refused).toBeGreaterThanOrEqual(100)
  expect(seen.written).toBeGreaterThanOrEqual(100)
  expect(seen.read).toBeGreaterThanOrEqual(100)
})

async function attempt<K extends string>(seen: Record<K | 'refused', number>, kind: K, body: () => Promise<void>) {
  try {
    await body()
    if (kind !== 'refused') seen[kind] += 1
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    seen.refused += 1
  }
}
