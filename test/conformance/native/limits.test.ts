import { afterEach, expect, test } from 'vitest'
import type { LimitName } from '../../../src/domain/limits.ts'
import { limitDefaults } from '../../../src/domain/limits.ts'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World | undefined
afterEach(() => world?.close())

async function open(limits: Partial<Record<LimitName, number>>): Promise<World> {
  world = await createWorld({ limits })
  return world
}

test('a limit that is lowered below a default bounds what asks for nothing', async () => {
  const lowered = {
    steps_max: 3,
    run_timeout_seconds_max: 60,
    budget_cents_max: 50,
    budget_tokens_max: 5_000,
    budget_steps_max: 7,
  }
  const { call } = await open(lowered)
  const task = (await call('POST', '/v1/tasks', { input: 'say x' })).json()
  expect(task).toMatchObject({
    run: { max_steps: 3, timeout_seconds: 60 },
    budget: { cap: { micros_usd: 500_000, tokens: 5_000, steps: 7 } },
  })
})

test('limits of files above their defaults hold for submitting, for the tools and for reading', async () => {
  const { runTask, call } = await open({ file_bytes_max: 11 * 1024 * 1024, path_chars_max: 700 })
  const path = `${'folder/'.repeat(90)}a.txt`
  expect(path.length).toBeGreaterThan(limitDefaults.path_chars_max)
  const content = 'word '.repeat(limitDefaults.file_bytes_max / 5 + 1)
  const input = `count the words in ${path} then write b to ${path}.copy then count the words in ${path}.copy`
  const task = await runTask({ input, files: [{ path, content }] })
  expect(task).toMatchObject({ state: 'succeeded', result: expect.stringContaining('.copy has 1 word') })
  expect(task.result).not.toMatch(/larger than|longer than|refused/u)
  const file = await call('GET', `/v1/tasks/${task.id}/files/${path}`)
  expect([file.statusCode, file.rawPayload.length]).toEqual([200, content.length])
})
