import { chmod, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeBlobStore } from '../blob.conformance.ts'
import { createDiskBlobs } from './create-disk-blobs.ts'

describeBlobStore('createDiskBlobs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mandate-blobs-'))
  return { blobs: createDiskBlobs(folder), remove: () => rm(folder, { recursive: true }) }
})

describe('blobs on disk', () => {
  let folder = ''
  const pathOf = (digest: string) => join(folder, digest.slice(7, 9), digest.slice(9))

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mandate-blobs-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('a blob is one file under the first two digits of its digest', async () => {
    const blobs = createDiskBlobs(folder)
    const digest = await blobs.put(Buffer.from('one'))
    await blobs.put(Buffer.from('one'))
    expect(await readFile(pathOf(digest), 'utf8')).toBe('one')
    expect((await readdir(folder)).sort()).toEqual([digest.slice(7, 9), 'tmp'].sort())
    expect(await readdir(join(folder, digest.slice(7, 9)))).toHaveLength(1)
  })

  test('a finished put leaves no temporary file', async () => {
    const blobs = createDiskBlobs(folder)
    await Promise.all(['a', 'b', 'c'].map((text) => blobs.put(Buffer.from(text))))
    expect(await readdir(join(folder, 'tmp'))).toEqual([])
  })

  test('another process finds what was put', async () => {
    const digest = await createDiskBlobs(folder).put(Buffer.from('kept'))
    expect((await createDiskBlobs(folder).get(digest))?.toString()).toBe('kept')
  })

  test('a damaged blob is an error that names it', async () => {
    const blobs = createDiskBlobs(folder)
    const digest = await blobs.put(Buffer.from('whole'))
    await writeFile(pathOf(digest), 'whale')
    await expect(blobs.get(digest)).rejects.toThrow(`The blob ${digest} is damaged`)
    await truncate(pathOf(digest))
    await expect(blobs.get(digest)).rejects.toThrow(digest)
  })

  test('putting the bytes again repairs a damaged blob', async () => {
    const blobs = createDiskBlobs(folder)
    const digest = await blobs.put(Buffer.from('whole'))
    await writeFile(pathOf(digest), 'whale')
    await blobs.put(Buffer.from('whole'))
    expect((await blobs.get(digest))?.toString()).toBe('whole')
  })

  test('what a dead process left unfinished is removed once it is old', async () => {
    const blobs = createDiskBlobs(folder)
    await blobs.put(Buffer.from('first'))
    await writeFile(join(folder, 'tmp', 'old'), 'half')
    await writeFile(join(folder, 'tmp', 'young'), 'half')
    await utimes(join(folder, 'tmp', 'old'), 0, 0)
    await createDiskBlobs(folder).put(Buffer.from('second'))
    expect(await readdir(join(folder, 'tmp'))).toEqual(['young'])
  })

  test('a folder that takes no files refuses a put and takes it once it is well', async () => {
    const blobs = createDiskBlobs(folder)
    await rm(folder, { recursive: true })
    await writeFile(folder, 'a file stands where the folder should')
    await expect(blobs.put(Buffer.from('x'))).rejects.toThrow()
    await rm(folder)
    expect(await blobs.put(Buffer.from('x'))).toMatch(/^sha256:/)
  })

  test.skipIf(process.getuid?.() === 0)('a disk that refuses is a refusal, not a defect', async () => {
    const blobs = createDiskBlobs(folder)
    await chmod(folder, 0o500)
    await expect(blobs.put(Buffer.from('x'))).rejects.toMatchObject({ code: 'storage_unavailable' })
    await chmod(folder, 0o700)
  })
})
