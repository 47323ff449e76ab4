import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataFolderError } from './data-folder-error.ts'
import { openKeyFiles } from './key-files.ts'
import { readPrivateFile, replacePrivateFile, secureOwnFiles, securePrivateFolder } from './private-files.ts'

let data: string
let warnings: object[]
const log = { warn: (facts: object) => void warnings.push(facts) }
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'mandate-keys-'))
  warnings = []
})
afterEach(() => rmSync(data, { recursive: true }))

const modeOf = (path: string) => statSync(path).mode & 0o777

test('a file is replaced as a whole: what a killed process left beside it is in nobody’s way', async () => {
  const path = join(data, 'key')
  writeFileSync(`${path}.unfinished`, 'half of a k')
  await replacePrivateFile(path, 'one')
  await replacePrivateFile(path, 'other')
  expect(readFileSync(path, 'utf8')).toBe('other')
  expect(modeOf(path)).toBe(0o600)
  expect(existsSync(`${path}.unfinished`)).toBe(false)
})

test('what others could read is made private and told to the log; what is private is not', async () => {
  const folder = join(data, 'keys')
  mkdirSync(folder, { mode: 0o755 })
  for (const [name, mode] of [
    ['loose', 0o644],
    ['close', 0o600],
    ['closer', 0o400],
  ] as const) {
    writeFileSync(join(folder, name), 'x')
    chmodSync(join(folder, name), mode)
  }
  await securePrivateFolder(folder, log)
  expect(warnings).toEqual([
    { path: folder, mode: '755' },
    { path: join(folder, 'loose'), mode: '644' },
  ])
  expect([folder, ...['loose', 'close', 'closer'].map((name) => join(folder, name))].map(modeOf)).toEqual([
    0o700, 0o600, 0o600, 0o400,
  ])
  await securePrivateFolder(folder, log)
  expect(warnings).toHaveLength(2)
})

test('of a folder that holds other things too, only what is ours is made private', async () => {
  chmodSync(data, 0o755)
  for (const name of ['ours', 'theirs']) writeFileSync(join(data, name), 'x', { mode: 0o644 })
  await secureOwnFiles(data, ['ours', 'absent'], log)
  expect([data, join(data, 'ours'), join(data, 'theirs')].map(modeOf)).toEqual([0o700, 0o600, 0o644])
  expect(warnings).toEqual([
    { path: data, mode: '755' },
    { path: join(data, 'ours'), mode: '644' },
  ])
  symlinkSync('/nowhere/at/all', join(data, 'link'))
  await expect(secureOwnFiles(data, ['link'], log)).rejects.toThrow(DataFolderError)
  await expect(secureOwnFiles(join(data, 'ours', 'below'), [], log)).rejects.toThrow(DataFolderError)
})

test('a file that is absent is no error; a folder in its place is', async () => {
  expect(await readPrivateFile(join(data, 'none'))).toBeUndefined()
  await expect(readPrivateFile(data)).rejects.toThrow(DataFolderError)
})

test('the pepper is made once, of 32 bytes, and one of any other length is refused', async () => {
  const { pepper } = await openKeyFiles(data, log)
  expect(pepper).toHaveLength(32)
  expect(pepper.equals(Buffer.alloc(32))).toBe(false)
  const path = join(data, 'keys', 'pepper')
  expect(modeOf(path)).toBe(0o600)
  expect((await openKeyFiles(data, log)).pepper).toEqual(pepper)
  for (const length of [0, 1, 31, 33]) {
    writeFileSync(path, Buffer.alloc(length, 7))
    await expect(openKeyFiles(data, log)).rejects.toThrow(`it has ${length} bytes and not 32`)
    expect(readFileSync(path)).toHaveLength(length)
  }
})

test('the local key is a line in a file that only its owner can read', async () => {
  const keys = await openKeyFiles(data, log)
  await keys.writeLocalKey('mdt_one')
  await keys.writeLocalKey('mdt_two')
  const path = join(data, 'keys', 'local-admin-key')
  expect(readFileSync(path, 'utf8')).toBe('mdt_two\n')
  expect(modeOf(path)).toBe(0o600)
})
