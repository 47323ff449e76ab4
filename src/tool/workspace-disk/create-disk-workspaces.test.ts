import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDiskBlobs } from '../../blob/disk/create-disk-blobs.ts'
import type { BlobStore, Manifest, Workspaces } from '../tool.ts'
import { createDiskWorkspaces } from './create-disk-workspaces.ts'
import { openByDescriptor, openByPath } from './folder.ts'

const text = (value: string) => new TextEncoder().encode(value)
const taskId = '0b0f3c9e-6a63-4b53-9d0a-4a8f4f3f0001'

const ways = process.platform === 'linux' ? { openByDescriptor, openByPath } : { openByPath }

describe.each(Object.entries(ways))('workspaces on disk (%s)', (_, openFolder) => {
  let base = ''
  let puts = 0
  let blobs: BlobStore
  let workspaces: Workspaces
  const limits = { fileBytesMax: 100, filesMax: 5, totalBytesMax: 300, pathCharsMax: 512 }
  const start = () => createDiskWorkspaces({ folder: join(base, 'workspaces'), blobs, limits, openFolder })
  const inside = (path: string) => join(base, 'workspaces', taskId, path)

  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'mandate-workspaces-')))
    const disk = createDiskBlobs(join(base, 'blobs'))
    puts = 0
    blobs = {
      get: (digest) => disk.get(digest),
      remove: (digest, since) => disk.remove(digest, since),
      put: (bytes) => {
        puts += 1
        return disk.put(bytes)
      },
    }
    workspaces = start()
  })
  afterEach(() => rm(base, { recursive: true }))

  const readManifest = async (digest: string): Promise<Manifest> =>
    JSON.parse(Buffer.from((await blobs.get(digest)) ?? []).toString())

  test('a new workspace is empty', async () => {
    expect(await (await workspaces.open(taskId, null)).list()).toEqual([])
  })

  test('files that were written under greater limits are opened and kept under smaller ones', async () => {
    const path = `b/${'f'.repeat(250)}/${'f'.repeat(250)}/${'f'.repeat(250)}`
    const wide = createDiskWorkspaces({
      folder: join(base, 'other'),
      blobs,
      limits: { ...limits, pathCharsMax: 1_000 },
      openFolder,
    })
    const workspace = await wide.open(taskId, null)
    await workspace.write(path, text('kept'))
    const reopened = await workspaces.open(taskId, await workspace.snapshot())
    expect(await reopened.list()).toEqual([{ path, bytes: 4 }])
    await reopened.write('a', text('new'))
    const { files } = await readManifest(await reopened.snapshot())
    expect(files.map((file) => file.path)).toEqual(['a', path])
  })

  test('what was written is read and listed, sorted, folders created', async () => {
    const workspace = await workspaces.open(taskId, null)
    await workspace.write('b.txt', text('two'))
    await workspace.write('a/deep/x.txt', text('one'))
    await workspace.write('b.txt', text('three'))
    expect(Buffer.from(await workspace.read('b.txt', 100)).toString()).toBe('three')
    expect(await workspace.list()).toEqual([
      { path: 'a/deep/x.txt', bytes: 3 },
      { path: 'b.txt', bytes: 5 },
    ])
    expect(await readdir(join(base, 'workspaces', taskId))).toEqual(['a', 'b.txt'])
  })

  test('a file that is absent, too large or a folder is named in the error', async () => {
    const workspace = await workspaces.open(taskId, null)
    await workspace.write('a/b', text('12345'))
    await expect(workspace.read('nope/b', 9)).rejects.toMatchObject({ name: 'ToolError', code: 'file_not_found' })
    await expect(workspace.read('a/nope', 9)).rejects.toMatchObject({ code: 'file_not_found' })
    await expect(workspace.read('a/b', 4)).rejects.toMatchObject({ code: 'file_too_large' })
    await expect(workspace.read('a', 9)).rejects.toMatchObject({ code: 'path_refused' })
    await expect(workspace.read('a/b/c', 9)).rejects.toMatchObject({ code: 'path_refused' })
  })

  test.each(['../x', '/etc/passwd', 'a/../../x', 'a\\b', 'a\0b', 'C:/x', ''])(
    'the path %j is refused',
    async (path) => {
      const workspace = await workspaces.open(taskId, null)
      await expect(workspace.read(path, 9)).rejects.toMatchObject({ code: 'path_refused' })
      await expect(workspace.write(path, text('x'))).rejects.toMatchObject({ code: 'path_refused' })
      await expect(workspaces.addFiles(null, [{ path, bytes: text('x') }])).rejects.toMatchObject({
        code: 'path_refused',
      })
    },
  )

  test('a task id that is a path is a defect', async () => {
    await expect(workspaces.open('../other', null)).rejects.toThrow('Not a task id')
  })

  describe('links', () => {
    beforeEach(async () => {
      await workspaces.open(taskId, null)
      await mkdir(join(base, 'outside'))
      await writeFile(join(base, 'outside', 'secret.txt'), 'secret')
    })

    test('a link to a file is not read and not listed, and a write replaces the link itself', async () => {
      const workspace = await workspaces.open(taskId, null)
      await symlink(join(base, 'outside', 'secret.txt'), inside('f'))
      await expect(workspace.read('f', 99)).rejects.toMatchObject({ code: 'path_refused' })
      expect(await workspace.list()).toEqual([])
      await workspace.write('f', text('mine'))
      expect(await readFile(join(base, 'outside', 'secret.txt'), 'utf8')).toBe('secret')
      expect(Buffer.from(await workspace.read('f', 99)).toString()).toBe('mine')
    })

    test('a link to a folder is not entered, whether to read, write, list or keep', async () => {
      const workspace = await workspaces.open(taskId, null)
      await symlink(join(base, 'outside'), inside('dir'))
      await expect(workspace.read('dir/secret.txt', 99)).rejects.toMatchObject({ code: 'path_refused' })
      await expect(workspace.write('dir/new.txt', text('x'))).rejects.toMatchObject({ code: 'path_refused' })
      await expect(workspace.write('dir/deep/new.txt', text('x'))).rejects.toMatchObject({ code: 'path_refused' })
      expect(await workspace.list()).toEqual([])
      expect((await readManifest(await workspace.snapshot())).files).toEqual([])
      expect(await readdir(join(base, 'outside'))).toEqual(['secret.txt'])
    })

    test('rebuilding removes a link and not what it points to', async () => {
      await symlink(join(base, 'outside'), inside('dir'))
      await start().open(taskId, null)
      expect(await readdir(inside(''))).toEqual([])
      expect(await readdir(join(base, 'outside'))).toEqual(['secret.txt'])
    })

    test('a link in the place of the whole workspace is replaced by a folder', async () => {
      await rm(inside(''), { recursive: true })
      await symlink(join(base, 'outside'), join(base, 'workspaces', taskId))
      const workspace = await start().open(taskId, null)
      await workspace.write('a', text('x'))
      expect(await readdir(join(base, 'outside'))).toEqual(['secret.txt'])
      expect(await workspace.list()).toEqual([{ path: 'a', bytes: 1 }])
    })

    test('a second name of the same file (a hard link) is cut by a write, not written through', async () => {
      const workspace = await workspaces.open(taskId, null)
      await link(join(base, 'outside', 'secret.txt'), inside('f'))
      await workspace.write('f', text('mine'))
      expect(await readFile(join(base, 'outside', 'secret.txt'), 'utf8')).toBe('secret')
    })
  })

  describe('limits', () => {
    test('a file above the limit is refused by its name', async () => {
      const workspace = await workspaces.open(taskId, null)
      await workspace.write('a', new Uint8Array(100))
      await expect(workspace.write('b', new Uint8Array(101))).rejects.toThrow('file_bytes_max')
      expect(await workspace.list()).toHaveLength(1)
    })

    test('files and bytes above the limits are refused by name, replacing stays possible', async () => {
      const workspace = await workspaces.open(taskId, null)
      for (const name of ['a', 'b', 'c']) await workspace.write(name, new Uint8Array(99))
      await expect(workspace.write('d', new Uint8Array(4))).rejects.toThrow('workspace_bytes_max')
      await workspace.write('c', new Uint8Array(1))
      await workspace.write('d', new Uint8Array(4))
      await workspace.write('e', new Uint8Array(4))
      await expect(workspace.write('f', new Uint8Array(0))).rejects.toMatchObject({
        code: 'workspace_full',
        message: expect.stringContaining('files_max'),
      })
      await workspace.write('e', new Uint8Array(5))
    })

    test('a folder that something else filled is not kept', async () => {
      const workspace = await workspaces.open(taskId, null)
      for (let index = 0; index < 6; index += 1) await writeFile(inside(`${index}`), 'x')
      await expect(workspace.snapshot()).rejects.toMatchObject({ code: 'workspace_full' })
    })

    test('files of a message count together with those that are there', async () => {
      const manifest = await workspaces.addFiles(
        null,
        ['a', 'b', 'c'].map((path) => ({ path, bytes: new Uint8Array(100) })),
      )
      const add = (path: string, size: number) => workspaces.addFiles(manifest, [{ path, bytes: new Uint8Array(size) }])
      await expect(add('d', 1)).rejects.toThrow('workspace_bytes_max')
      await expect(add('d', 101)).rejects.toThrow('file_bytes_max')
      await expect(add('c', 50)).resolves.toMatch(/^sha256:/)
    })
  })

  test('names that differ in case or form only, and a file in the place of a folder, are refused', async () => {
    const workspace = await workspaces.open(taskId, null)
    await workspace.write('dir/caf\u00e9', text('x'))
    for (const path of ['dir/CAF\u00c9', 'dir/cafe\u0301', 'Dir/other', 'dir', 'dir/caf\u00e9/x']) {
      await expect(workspace.write(path, text('y'))).rejects.toMatchObject({ code: 'path_refused' })
    }
    const manifest = await workspace.snapshot()
    for (const path of ['DIR/x', 'dir']) {
      await expect(workspaces.addFiles(manifest, [{ path, bytes: text('y') }])).rejects.toMatchObject({
        code: 'path_refused',
      })
    }
    const twice = [0, 1].map(() => ({ path: 'same', bytes: text('y') }))
    await expect(workspaces.addFiles(null, twice)).rejects.toMatchObject({ code: 'path_refused' })
  })

  describe('manifests', () => {
    test('a snapshot lists the files sorted with their digests, and equal workspaces have equal manifests', async () => {
      const workspace = await workspaces.open(taskId, null)
      await workspace.write('b', text('2'))
      await workspace.write('a/x', text('1'))
      const digest = await workspace.snapshot()
      expect((await readManifest(digest)).files.map((file) => file.path)).toEqual(['a/x', 'b'])
      const added = await workspaces.addFiles(null, [
        { path: 'b', bytes: text('2') },
        { path: 'a/x', bytes: text('1') },
      ])
      expect(added).toBe(digest)
    })

    test('what did not change is not put again; what changed is', async () => {
      const workspace = await workspaces.open(taskId, null)
      for (const name of ['a', 'b']) {
        await workspace.write(name, text(name))
        await utimes(inside(name), 1, 1)
      }
      await workspace.snapshot()
      puts = 0
      await workspace.snapshot()
      expect(puts).toBe(1) // the manifest itself
      await workspace.write('b', text('c'))
      const second = await workspace.snapshot()
      expect(puts).toBe(3)
      expect((await readManifest(second)).files.map((file) => file.bytes)).toEqual([1, 1])
    })

    test('a change that keeps size and comes at once is seen', async () => {
      const workspace = await workspaces.open(taskId, null)
      const digests = new Set<string>()
      for (let round = 0; round < 10; round += 1) {
        await writeFile(inside('a'), `${round}`)
        digests.add(await workspace.snapshot())
      }
      expect(digests.size).toBe(10)
    })

    test('another process rebuilds exactly the manifest', async () => {
      const workspace = await workspaces.open(taskId, null)
      await workspace.write('a/x', text('kept'))
      const manifest = await workspace.snapshot()
      await workspace.write('a/x', text('cut by a crash'))
      await workspace.write('left', text('over'))
      await writeFile(inside('.mandate-half'), 'half')
      const again = await start().open(taskId, manifest)
      expect(await again.list()).toEqual([{ path: 'a/x', bytes: 4 }])
      expect(Buffer.from(await again.read('a/x', 99)).toString()).toBe('kept')
      expect(await again.snapshot()).toBe(manifest)
    })

    test('writes that no snapshot followed do not survive the next open, and their handle is superseded', async () => {
      const workspace = await workspaces.open(taskId, null)
      await workspace.write('a', text('1'))
      const manifest = await workspace.snapshot()
      await workspace.write('b', text('2'))
      const again = await workspaces.open(taskId, manifest)
      expect(await again.list()).toEqual([{ path: 'a', bytes: 1 }])
      await expect(workspace.write('c', text('3'))).rejects.toMatchObject({ code: 'workspace_superseded' })
    })

    test('a folder known to be at the manifest is opened as it is', async () => {
      const workspace = await workspaces.open(taskId, null)
      await workspace.write('a', text('1'))
      const manifest = await workspace.snapshot()
      const before = await stat(inside('a'), { bigint: true })
      await workspaces.open(taskId, manifest)
      expect((await stat(inside('a'), { bigint: true })).ctimeNs).toBe(before.ctimeNs)
      await workspace.write('a', text('2'))
    })

    test('a workspace that was taken away is gone with all in it, and is rebuilt when it is opened again', async () => {
      const workspace = await workspaces.open(taskId, null)
      await workspace.write('a/b', text('1'))
      const manifest = await workspace.snapshot()
      await mkdir(join(base, 'outside'))
      await writeFile(join(base, 'outside', 'kept.txt'), 'kept')
      await symlink(join(base, 'outside'), inside('link'))
      await workspaces.remove(taskId)
      expect(await readdir(join(base, 'workspaces'))).toEqual([])
      expect(await readdir(join(base, 'outside'))).toEqual(['kept.txt'])
      await expect(workspace.list()).rejects.toMatchObject({ code: 'workspace_superseded' })
      await workspaces.remove(taskId)
      await start().remove(taskId)
      await expect(workspaces.remove('../outside')).rejects.toThrow('Not a task id')
      expect(await (await workspaces.open(taskId, manifest)).list()).toEqual([{ path: 'a/b', bytes: 1 }])
    })

    test('a folder that was removed is rebuilt', async () => {
      const workspace = await workspaces.open(taskId, null)
      await workspace.write('a', text('1'))
      const manifest = await workspace.snapshot()
      await rm(inside(''), { recursive: true })
      expect(await (await workspaces.open(taskId, manifest)).list()).toEqual([{ path: 'a', bytes: 1 }])
    })

    test('a rebuilt file is not hashed again until it changes', async () => {
      const manifest = await workspaces.addFiles(null, [{ path: 'a', bytes: text('1') }])
      const workspace = await workspaces.open(taskId, manifest)
      puts = 0
      expect(await workspace.snapshot()).toBe(manifest)
      expect(puts).toBe(1)
      await writeFile(inside('a'), '2')
      expect(await workspace.snapshot()).not.toBe(manifest)
    })

    test('files of a message join the manifest, touch no folder and replace what has their path', async () => {
      const first = await workspaces.addFiles(null, [
        { path: 'a', bytes: text('1') },
        { path: 'b', bytes: text('2') },
      ])
      const second = await workspaces.addFiles(first, [{ path: 'b', bytes: text('22') }])
      await expect(stat(join(base, 'workspaces'))).rejects.toThrow('ENOENT')
      expect(await (await workspaces.open(taskId, second)).list()).toEqual([
        { path: 'a', bytes: 1 },
        { path: 'b', bytes: 2 },
      ])
    })

    test('a missing manifest or blob is an error that names it', async () => {
      const absent = `sha256:${'0'.repeat(64)}`
      await expect(workspaces.open(taskId, absent)).rejects.toThrow(absent)
      const manifest = await blobs.put(text(JSON.stringify({ files: [{ path: 'a', digest: absent, bytes: 1 }] })))
      await expect(workspaces.open(taskId, manifest)).rejects.toThrow(absent)
      const climbing = await blobs.put(text(JSON.stringify({ files: [{ path: '../a', digest: absent, bytes: 1 }] })))
      await expect(workspaces.open(taskId, climbing)).rejects.toThrow('not a manifest')
    })
  })

  test('writes at the same moment keep the limits', async () => {
    const workspace = await workspaces.open(taskId, null)
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => workspace.write(`f${index}`, new Uint8Array(10))),
    )
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(5)
    expect(await workspace.list()).toHaveLength(5)
  })
})
