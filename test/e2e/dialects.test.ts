import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/show-dialects.ts', import.meta.url))

test('npm run dialects shows all five dialects creating, watching and ending a real task, and a question answered', async () => {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code, said).toBe(0)
  for (const dialect of ['xagent', 'certior', 'neo', 'agentrix', 'shinzo']) expect(said).toContain(`\n${dialect}\n`)
  expect(said).toContain('All five dialects created, watched and ended a task.')
  expect(said).toContain('A question was answered in native, xagent, certior, neo, agentrix, shinzo.')
}, 60_000)
