import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testWorkspaceLimits } from '../../../test/support/tool-limits.ts'
import { createDiskBlobs } from '../../blob/disk/create-disk-blobs.ts'
import { createFakeClock } from '../../clock/fake/create-fake-clock.ts'
import type { JsonObject } from '../../domain/json.ts'
import { limitDefaults } from '../../domain/limits.ts'
import { describeTool } from '../tool.conformance.ts'
import type { Tool, Workspace } from '../tool.ts'
import { createDiskWorkspaces } from '../workspace-disk/create-disk-workspaces.ts'
import { createBuiltinTools } from './create-builtin-tools.ts'

const tools = createBuiltinTools({ version: '1.2.3', allowPrivateNetwork: false, limits: limitDefaults })

function toolNamed(name: string): Tool {
  const tool = tools.find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  return tool
}

describeTool(toolNamed('list_files'), {})
describeTool(toolNamed('read_file'), { path: 'a.txt' })
describeTool(toolNamed('write_file'), { path: 'a.txt', content: '' })
describeTool(toolNamed('fetch_url'), { url: 'http://127.0.0.1:9/' })

describe('the file tools', () => {
  let base = ''
  let workspace: Workspace
  const perform = (name: string, input: JsonObject = {}) =>
    toolNamed(name).perform(input, {
      workspace: async () => workspace,
      signal: new AbortController().signal,
      clock: createFakeClock(),
      progress: () => {},
    })

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'mandate-tools-'))
    const blobs = createDiskBlobs(join(base, 'blobs'))
    workspace = await createDiskWorkspaces({
      folder: join(base, 'workspaces'),
      blobs,
      limits: testWorkspaceLimits,
    }).open('task-1', null)
  })
  afterEach(() => rm(base, { recursive: true }))

  test('an empty workspace is said to be empty', async () => {
    expect(await perform('list_files')).toEqual({ output: 'The workspace has no files.', wrote: false })
  })

  test('what was written is listed and read back as it was, and only writing asks for a new manifest', async () => {
    const content = 'première ligne\n\ttwo  \r\n'
    expect(await perform('write_file', { path: 'notes/today.md', content })).toEqual({
      output: 'Wrote 24 bytes to notes/today.md.',
      wrote: true,
    })
    expect(await perform('list_files')).toEqual({ output: 'notes/today.md\t24', wrote: false })
    expect(await perform('read_file', { path: 'notes/today.md' })).toEqual({ output: content, wrote: false })
  })

  test('writing the same again changes nothing', async () => {
    await perform('write_file', { path: 'a', content: 'x' })
    const manifest = await workspace.snapshot()
    await perform('write_file', { path: 'a', content: 'x' })
    expect(await workspace.snapshot()).toBe(manifest)
  })

  test('a binary file is said to be one', async () => {
    for (const bytes of [Buffer.from([1, 0, 2]), Buffer.from([0xff, 0xfe, 0x41])]) {
      await workspace.write('picture', bytes)
      await expect(perform('read_file', { path: 'picture' })).rejects.toMatchObject({
        code: 'not_text',
        message: '"picture" is a binary file of 3 bytes, not text.',
      })
    }
  })

  test('a path that leaves the workspace is refused by reading and writing', async () => {
    await expect(perform('read_file', { path: '../x' })).rejects.toMatchObject({ code: 'path_refused' })
    await expect(perform('write_file', { path: '/x', content: '' })).rejects.toMatchObject({ code: 'path_refused' })
    await expect(perform('read_file', { path: 'x' })).rejects.toMatchObject({ code: 'file_not_found' })
  })
})
