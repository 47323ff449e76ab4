import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const limitedProcess = fileURLToPath(new URL('./store-limited-process.ts', import.meta.url))
/** Of util-linux: runs a program under limits, and changes them while it runs. */
const limiter = 'prlimit'
const canLimit = spawnSync(limiter, ['--version']).status === 0

test.skipIf(!canLimit)(
  'a write that the system fails is survived, and the store goes on when writes work again',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mandate-io-'))
    const path = join(folder, 'mandate.sqlite')
    // The kernel fails each write that would make a file larger than this: a real error, without a full disk.
    const command = ['--fsize=500000:unlimited', process.execPath, limitedProcess, path]
    const child = spawn(limiter, command, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const tasks: string[] = []
      const said: string[] = []
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith('task ')) tasks.push(line.slice('task '.length))
        else said.push(line)
        if (line.startsWith('unwell')) execFileSync(limiter, ['--pid', String(child.pid), '--fsize=unlimited'])
      }
      expect(said).toEqual([expect.stringMatching(/^unwell The database cannot be written: .*I\/O error/u), 'well'])
      using database = new DatabaseSync(path)
      const kept = database.prepare('SELECT id FROM tasks ORDER BY number').all()
      expect(kept.map(({ id }) => id)).toEqual(tasks)
      expect(tasks.length).toBeGreaterThan(2)
      expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    } finally {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
