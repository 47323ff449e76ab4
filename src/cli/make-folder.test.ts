import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'mandate-folder-'))
})
afterEach(() => rmSync(base, { recursive: true }))

test('a folder is made with those above it, and made again without a word', async () => {
  const path = join(base, 'a', 'b', 'c')
  await makeFolder(path, 0o700)
  await makeFolder(path, 0o700)
  for (const made of [join(base, 'a'), join(base, 'a', 'b'), path]) expect(statSync(made).mode & 0o777).toBe(0o700)
})

test('two who make the same folder at once both find it', async () => {
  const path = join(base, 'a', 'b')
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, 'c'))])
  expect(existsSync(join(path, 'c'))).toBe(true)
})

test('a file, or a link to nothing, in the place of a folder is an error', async () => {
  writeFileSync(join(base, 'file'), '')
  symlinkSync('/nowhere/at/all', join(base, 'link'))
  await expect(makeFolder(join(base, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(base, 'file', 'below'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(base, 'link'))).rejects.toMatchObject({ code: 'EEXIST' })
})

test.skipIf(!existsSync('/proc/self'))(
  'a folder where the system makes none is an error, not an endless loop',
  async () => {
    await expect(makeFolder('/proc/mandate')).rejects.toThrow()
    await expect(makeFolder('/proc/mandate/deep/er')).rejects.toThrow()
  },
)
