import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sampleAt } from '../../../test/support/sample-tasks.ts'
import { createSqliteStore } from './create-sqlite-store.ts'
import { migrate, readMigrations } from './migrate.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mandate-upgrade-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const dayMs = 86_400_000
const usage = { inputTokens: 5, outputTokens: 3, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
const oldConfig = { model: { provider: 'demo' }, tools: ['read_file'], stepsMax: 9, extension: { files: ['a.txt'] } }

/** A database as the version before budgets and policies left it: one task that has ended and one that is queued. */
function writeOldDatabase(path: string): void {
  using database = new DatabaseSync(path)
  migrate(database, readMigrations().slice(0, 3))
  const task =
    database.prepare(`INSERT INTO tasks (number, id, owner_id, team_id, visibility, agent_id, dialect, title, root_id,
      metadata, extension, run_id, state, last_seq, created_at, updated_at)
    VALUES (?, ?, 'ada', ?, 'private', 'agent-1', 'native', ?, ?, '{"a":1}', '{"kept":true}', ?, ?, 3, ?, ?)`)
  const run =
    database.prepare(`INSERT INTO runs (task, id, owner_id, agent_id, turn, place, state, attempt, lost_attempts,
      priority, queued_at, start_at, overdue_at, stop_requested, config, input, steps, usage, cost_micros_usd, active_ms, ended_at)
    VALUES (?, ?, 'ada', 'agent-1', 1, 'cloud:default', ?, 1, 0, 5, ?, ?, ?, 0, ?, 'sha256:00', 2, ?, 70, 0, ?)`)
  const make = (number: number, state: string, team: string | null, config: object, endedAt: number | null) => {
    task.run(
      number,
      `task-${number}`,
      team,
      `Title ${number}`,
      `task-${number}`,
      `run-${number}`,
      state,
      sampleAt,
      sampleAt,
    )
    run.run(
      number,
      `run-${number}`,
      state,
      sampleAt,
      sampleAt,
      sampleAt,
      JSON.stringify(config),
      JSON.stringify(usage),
      endedAt,
    )
  }
  make(1, 'succeeded', 'red', oldConfig, sampleAt)
  make(2, 'queued', null, { ...oldConfig, extension: {} }, null)
}

test('a database of the version before budgets and policies is read with what that version would have given', async () => {
  const path = join(folder, 'mandate.sqlite')
  writeOldDatabase(path)
  const store = await createSqliteStore({ path, commitsWaitingMax: 10, durability: 'none' })
  try {
    const [ended, queued] = [await store.readSnapshot('task-1'), await store.readSnapshot('task-2')]
    expect(ended?.task).toMatchObject({ title: 'Title 1', metadata: { a: 1 }, extension: { kept: true } })
    expect(ended?.task).toMatchObject({ purgeAt: sampleAt + 365 * dayMs, purgedAt: null, hold: null })
    expect(queued?.task).toMatchObject({ title: 'Title 2', purgeAt: null })
    expect(ended?.run.config).toEqual({
      ...oldConfig,
      denied: [],
      policy: { name: 'default', digest: '' },
      retentionDays: 365,
      principal: { user: 'ada', team: null, role: 'operator' },
      pathLabels: [],
    })
    expect(queued?.run.config.extension).toEqual({})
    const wanted = { micros_usd: 1_000_000_000, tokens: 1_000_000_000, steps: 10_000 }
    const require = [{ name: 'withinBudget', task: 'task-2', amounts: wanted } as const]
    expect(await store.commit({ require, write: [] })).toMatchObject({ committed: true })
    expect(await store.listUnclosedRuns(10)).toEqual([])
    expect(await store.sumUsage({ from: '2026-01-01', to: '2026-01-01', by: ['user', 'team'] })).toEqual([
      {
        day: null,
        agentId: null,
        ownerId: 'ada',
        teamId: 'red',
        runs: 1,
        costMicrosUsd: 70,
        inputTokens: 5,
        outputTokens: 3,
        steps: 2,
      },
    ])
  } finally {
    await store.close()
  }
})
