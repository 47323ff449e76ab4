import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../src/engine/commands/', import.meta.url))

test('each command has a test of its name beside it', () => {
  const files = globSync('*.ts', { cwd: folder })
  const commands = files.filter((file) => !file.endsWith('.test.ts')).map((file) => basename(file, '.ts'))
  expect(commands.length).toBeGreaterThan(20)
  expect(commands.filter((command) => !files.includes(`${command}.test.ts`))).toEqual([])
})
