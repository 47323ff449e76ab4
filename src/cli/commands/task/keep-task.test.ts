import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createCliWorld, problem } from '../../../../test/support/cli-world.ts'
import { sampleId, sampleJournal, sampleTask } from '../../../../test/support/sample-views.ts'

const amounts = (micros_usd: number, tokens: number, steps: number) => ({ micros_usd, tokens, steps })

describe('mandate task', () => {
  test('budget shows what may be used and what was', async () => {
    const budget = {
      cap: amounts(500_000, 100_000, 10),
      spent: amounts(1_200, 1_234, 2),
      reserved: amounts(0, 0, 0),
      lent: amounts(0, 0, 0),
      available: amounts(498_800, 98_766, 8),
    }
    const { run } = createCliWorld({ routes: { 'GET /tasks/7/budget': budget } })
    expect((await run('task', 'budget', '7')).out.split('\n').map((line) => line.trim())).toEqual([
      'COST   TOKENS  STEPS',
      'cap        $0.5000  100,000     10',
      'spent      $0.0012    1,234      2',
      'reserved     $0.00        0      0',
      'lent         $0.00        0      0',
      'available  $0.4988   98,766      8',
      '',
    ])
    expect(JSON.parse((await run('task', 'budget', '7', '--json')).out)).toEqual(budget)
  })

  test('audit writes the bytes as they came, under the name of the task unless one is given', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mandate-audit-'))
    const before = process.cwd()
    try {
      const routes = { 'GET /tasks/7/audit': new Response('{"é":1}'), 'GET /tasks/7': sampleTask() }
      const { run, requests } = createCliWorld({ routes })
      const named = join(folder, 'a.json')
      const { out } = await run('task', 'audit', '7', '-o', named)
      expect(out).toBe(`${named} (8 B); check it with: mandate verify ${named}\n`)
      expect(await readFile(named, 'utf8')).toBe('{"é":1}')
      process.chdir(folder)
      await run('task', 'audit', '7', '--no-contents')
      expect(await readFile(join(folder, 'mandate-audit-00000000.json'), 'utf8')).toBe('{"é":1}')
      expect((await run('task', 'audit', '7', '-o', '-')).out).toBe('{"é":1}')
      const report = join(folder, 'a.pdf')
      expect((await run('task', 'audit', '7', '--pdf', '-o', report)).out).toBe(`${report} (8 B)\n`)
      expect(requests.map(({ url }) => url.search)).toEqual(['', '?contents=false', '', '', '?format=pdf'])
    } finally {
      process.chdir(before)
      await rm(folder, { recursive: true })
    }
  })

  test('audit of a task that is busy says so and writes nothing', async () => {
    const { run } = createCliWorld({ routes: { 'GET /tasks/7/audit': problem(409, 'task_busy') } })
    expect(await run('task', 'audit', '7')).toEqual({ exitCode: 5, out: '', err: 'mandate: It is task_busy.\n' })
  })

  test('hold holds with a reason, or lifts; not both and not neither', async () => {
    const routes = {
      'PUT /tasks/7/hold': sampleTask({ hold: 'Case 7' }),
      'DELETE /tasks/7/hold': sampleTask(),
    }
    const { run, requests } = createCliWorld({ routes })
    expect((await run('task', 'hold', '7', '--reason', 'Case 7')).out).toBe('task 7 is held: Case 7\n')
    expect((await run('task', 'hold', '7', '--lift')).out).toBe('task 7 is not held\n')
    expect(requests.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', { reason: 'Case 7' }],
      ['DELETE', undefined],
    ])
    for (const options of [[], ['--reason', 'x', '--lift']]) {
      expect((await run('task', 'hold', '7', ...options)).exitCode).toBe(2)
    }
  })

  test('purge says that it is done, or why not', async () => {
    const { run } = createCliWorld({
      routes: { 'POST /tasks/7/purge': sampleTask(), 'POST /tasks/8/purge': problem(409, 'task_held') },
    })
    expect(await run('task', 'purge', '7')).toEqual({ exitCode: 0, out: 'task 7 is purged\n', err: '' })
    expect((await run('task', 'purge', '8')).exitCode).toBe(5)
  })

  test('show tells the policy, what was denied, and the budget', async () => {
    const denied_capabilities = [{ permission: 'a:b', reason: 'exceeds_role_allowance' as const, detail: '' }]
    const { run } = createCliWorld({ routes: { 'GET /tasks/7': sampleTask({ denied_capabilities, hold: 'Case 7' }) } })
    const { out } = await run('task', 'show', '7')
    expect(out).toMatch(/^policy +default$/mu)
    expect(out).toMatch(/^denied +a:b \(exceeds_role_allowance\)$/mu)
    expect(out).toMatch(/^budget +\$0\.0012 of \$100\.00$/mu)
    expect(out).toMatch(/^held +Case 7$/mu)
  })
})

describe('what a task is handed with', () => {
  test('is its policy, its capabilities and its budget in dollars', async () => {
    const { run, requests } = createCliWorld({ routes: { 'POST /tasks': sampleTask(), 'GET /health': {} } })
    await run('run', '--detach', '--policy', 'hipaa', '--capability', 'a:b,c', '--budget', '0.50', 'x')
    const submitted = requests.find(({ method }) => method === 'POST')
    expect(submitted?.body).toEqual({
      input: 'x',
      policy: 'hipaa',
      capabilities: ['a:b', 'c'],
      budget: { micros_usd: 500_000 },
    })
  })

  test.each(['-1', '1.2345678', 'five', '1,5', ''])('is no budget of %j', async (budget) => {
    const { exitCode, err } = await createCliWorld().run('run', `--budget=${budget}`, 'x')
    expect([exitCode, err]).toEqual([2, expect.stringContaining('--budget')])
  })
})

describe('mandate usage', () => {
  const row = {
    agent_id: null,
    user_id: 'user-1',
    team_id: null,
    runs: 2,
    steps: 3,
    input_tokens: 1_200,
    output_tokens: 34,
  }
  const usage = [{ ...row, day: '2026-01-01', cost_micros_usd: 1_200 }]
  const routes = { 'GET /usage': { from: '2026-01-01', to: '2026-01-31', usage } }

  test('sums up by what is asked for', async () => {
    const { run, requests } = createCliWorld({ routes })
    const { out } = await run('usage', '--by', 'user,day', '--from', '2026-01-01', '--user', 'user-1')
    expect(out.split('\n')).toEqual([
      'DAY         USER    RUNS  STEPS  TOKENS IN  OUT     COST',
      '2026-01-01  user-1     2      3      1,200   34  $0.0012',
      '',
    ])
    expect(requests[0]?.url.search).toBe('?by=user%2Cday&from=2026-01-01&user_id=user-1')
    expect((await run('usage')).out).toMatch(/^DAY /u)
    expect((await run('usage', '--by', 'model')).exitCode).toBe(2)
  })
})

describe('mandate keys', () => {
  const key = { key_id: 'ed25519:1', alg: 'Ed25519', public_key: 'AA==', created_at: '2026-01-01', retired_at: null }
  const routes = {
    'POST /keys/rotate-signing': {
      log_id: 'l',
      keys: [
        { ...key, retired_at: '2026-01-02' },
        { ...key, key_id: 'ed25519:2' },
      ],
    },
    'GET /mandate/.well-known/mandate-keys.json': { log_id: 'l', keys: [key] },
  }

  test('rotate-signing names the key that signs from now on', async () => {
    const { run } = createCliWorld({ routes })
    const told = 'ed25519:2 signs from now on; its public key is AA==\n'
    expect((await run('keys', 'rotate-signing')).out).toBe(told)
    expect((await run('key', 'rotate-signing')).out).toBe(told)
  })

  test('list-signing lists the public keys', async () => {
    const { out } = await createCliWorld({ routes }).run('key', 'list-signing')
    expect(out).toBe('KEY ID     PUBLIC KEY  CREATED     RETIRED\ned25519:1  AA==        2026-01-01  it signs\n')
  })
})

test('the journal shows a revoked certificate and an overdrawn budget', async () => {
  const held = { micros_usd: 1_000, tokens: 10 }
  const events = sampleJournal()
  const more = [
    {
      ...events[3],
      seq: 5,
      type: 'action.revoked',
      data: { step: 1, action: 'a', certificate: 'sha256:1', by: 'ada' },
    },
    {
      ...events[3],
      seq: 6,
      type: 'budget.overdrawn',
      data: { of: 'step 1', reserved: held, used: { ...held, tokens: 11 } },
    },
  ]
  const page = { events: more, has_more: false }
  const { out } = await createCliWorld({ routes: { [`GET /tasks/${sampleId}/events`]: page } }).run(
    'task',
    'events',
    sampleId,
  )
  expect(out).toContain('action.revoked    its certificate was revoked by ada')
  expect(out).toContain('budget.overdrawn  step 1 used $0.0010, 11 tokens of a reserved')
})
