import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataFolderInUse, lockDataFolder } from './lock-data-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a folder is locked once, and free again when it was let go', () => {
  const release = lockDataFolder(folder)
  expect(() => lockDataFolder(folder)).toThrow(DataFolderInUse)
  expect(() => lockDataFolder(folder)).toThrow(folder)
  release()
  release()
  lockDataFolder(folder)()
})

test('a folder that cannot be written is not called in use', () => {
  expect(() => lockDataFolder(join(folder, 'absent'))).toThrow('unable to open database file')
})

test('a folder that another process holds is refused until that process is killed', async () => {
  const module = JSON.stringify(new URL('./lock-data-folder.ts', import.meta.url).href)
  const script = `
    import { lockDataFolder } from ${module}
    lockDataFolder(${JSON.stringify(folder)})
    process.stdout.write('locked')
    setInterval(() => {}, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    await once(child.stdout, 'data')
    expect(() => lockDataFolder(folder)).toThrow(DataFolderInUse)
  } finally {
    child.kill('SIGKILL')
  }
  await ended
  lockDataFolder(folder)()
})
