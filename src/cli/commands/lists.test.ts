import { expect, test } from 'vitest'
import { createCliWorld } from '../../../test/support/cli-world.ts'
import { sampleAgent, sampleId, sampleTask } from '../../../test/support/sample-views.ts'
import { displayWidth } from '../format/printable.ts'

const words = 'a name of many words that goes on and on for as long as names may be'
const at = '2026-01-01T11:59:00.000Z'
const last = { has_more: false, next_cursor: null }
const task = sampleTask({ title: words, state: 'succeeded', number: 12_345, cost_micros_usd: 1_234_567_890 })
const agent = sampleAgent({
  name: words,
  description: words,
  model: 'gemini-3-flash-preview',
  state: 'stopped',
  number: 1_234,
})
const key = {
  id: sampleId,
  name: words,
  dialect: 'agentrix',
  prefix: 'mdt_AwijZmJUfJLR',
  user_id: sampleId,
  agent_id: null,
  role: 'operator',
  created_at: '2025-01-01T11:59:00.000Z',
  revoked_at: at,
}
const user = {
  id: sampleId,
  name: words,
  email: `${'x'.repeat(50)}@example.com`,
  default_provider: null,
  default_model: 'sonnet-4.6',
  created_at: at,
}
const usage = {
  runs: 123_456,
  steps: 1_234_567,
  input_tokens: 12_345_678_901,
  output_tokens: 1_234_567_890,
  cost_micros_usd: 123_456_789_000,
}
const change = {
  task: sampleId,
  task_number: 12_345,
  run: sampleId,
  action: sampleId,
  tool: 'a_tool_with_a_long_name',
  at,
  was: 'allow',
  would: 'deny',
  rules: ['policy:no_mail_to_anybody', 'capability'],
  reason: words,
}
const model = {
  name: 'gemini-3-flash-with-thinking',
  provider: 'openai-compatible',
  model: words,
  default: false,
  available: false,
}

/** The rows are as long as they may be. */
const routes = {
  'GET /tasks': { tasks: [task], ...last },
  [`GET /tasks/${sampleId}/files`]: { files: [{ path: 'a/b.txt', bytes: 123, digest: `sha256:${'0'.repeat(64)}` }] },
  [`GET /tasks/${sampleId}/budget`]: { ...task.budget, available: task.budget.cap },
  'GET /agents': { agents: [agent], ...last },
  'GET /keys': { keys: [key], ...last },
  'GET /mandate/.well-known/mandate-keys.json': {
    log_id: sampleId,
    keys: [
      {
        key_id: `ed25519:${'0'.repeat(32)}`,
        alg: 'Ed25519',
        public_key: 'A'.repeat(44),
        created_at: at,
        retired_at: at,
      },
    ],
  },
  'GET /users': { users: [{ ...user, team_id: sampleId }], ...last },
  'GET /teams': { teams: [{ ...user, webhook_url: `https://example.com/${'x'.repeat(90)}` }], ...last },
  'GET /policies': {
    policies: [
      { name: 'a_policy_of_an_operator', title: words, builtin: false, created_at: at, digest: key.id.padEnd(71, '0') },
    ],
  },
  'GET /models': {
    models: [
      { ...model, unavailable_reason: 'set GOOGLE_GENERATIVE_AI_API_KEY' },
      { ...model, available: true, default: true, unavailable_reason: null },
    ],
  },
  'GET /usage': {
    from: '2026-01-01',
    to: '2026-01-31',
    usage: [{ day: '2026-01-31', agent_id: sampleId, user_id: sampleId, team_id: null, ...usage }],
  },
  'GET /tools': {
    tools: [{ name: 'fetch_url', description: words, capabilities: ['network:http:read', 'network:http:write'] }],
  },
  'POST /policies/what-if': { examined: 1, unreadable: 0, changes: [change], ...last },
}

test.each([
  ['task list', 'a name of many words that…'],
  [`task files ${sampleId}`, 'a/b.txt'],
  [`task budget ${sampleId}`, 'available'],
  ['agent list', '1234'],
  ['key list', 'mdt_AwijZmJUfJLR'],
  ['key list-signing', `ed25519:${'0'.repeat(32)}`],
  ['user list', sampleId],
  ['team list', sampleId],
  ['policy list', 'a_policy_of_an_operator'],
  ['model list', 'lacks GOOGLE_GENERATIVE_AI_API_KEY'],
  ['tool list', 'network:http:read'],
  ['usage', '2026-01-31'],
  ['usage --by agent', '1234 a name of…'],
  ['usage --by user,team', 'none'],
  ['policy what-if hipaa', '12345'],
])('%s fits 80 columns and keeps what a row is named by', async (line, kept) => {
  const { run } = createCliWorld({ routes, columns: 80 })
  const { out, err, exitCode } = await run(...line.split(' '))
  expect([err, exitCode]).toEqual(['', 0])
  for (const printed of out.trimEnd().split('\n')) expect(displayWidth(printed), printed).toBeLessThanOrEqual(80)
  expect(out).toContain(kept)
})

test('on a wide terminal nothing is cut or left out that has room', async () => {
  const { run } = createCliWorld({ routes, columns: 200 })
  expect((await run('key', 'list')).out).toContain(sampleId)
  expect((await run('task', 'list')).out).toContain('goes on and on for as…')
})

test('a team, an agent and a user stand in other tables by their names, by their ids where nobody says the names', async () => {
  const { run } = createCliWorld({ routes, columns: 200 })
  expect((await run('usage', '--by', 'agent')).out).toContain('1234 a name of many')
  expect((await run('user', 'list')).out).not.toMatch(new RegExp(`${sampleId} .*${sampleId}`, 'u'))
  const { 'GET /teams': _teams, 'GET /agents': _agents, ...others } = routes
  const refused = new Response('{"code":"forbidden","title":"Forbidden"}', { status: 403 })
  const viewer = createCliWorld({ routes: { ...others, 'GET /teams': refused, 'GET /agents': refused }, columns: 200 })
  expect((await viewer.run('usage', '--by', 'agent')).out).toContain(sampleId)
  expect((await viewer.run('user', 'list')).out).toMatch(new RegExp(`${sampleId} .*${sampleId}`, 'u'))
})

test('a task is shown with the name and the number of its agent', async () => {
  const shown = {
    ...routes,
    [`GET /tasks/${sampleId}`]: task,
    [`GET /agents/${sampleId}`]: sampleAgent({ name: 'demo', number: 1 }),
  }
  const { run } = createCliWorld({ routes: shown })
  expect((await run('task', 'show', sampleId)).out).toContain(`agent     1 demo ${sampleId}\n`)
})

test('a key is revoked by how it begins, by its name or by its id', async () => {
  const valid = { ...key, name: 'mine', revoked_at: null }
  const other = { ...valid, id: sampleId.replace(/1$/u, '2'), prefix: 'mdt_BBBBBBBBBBBB' }
  const revoked = (id: string) => `DELETE /keys/${id}`
  const gone = new Response(null, { status: 204 })
  const keys = (all: readonly object[]) => ({
    'GET /keys': { keys: all, ...last },
    [revoked(valid.id)]: gone,
    [revoked(other.id)]: gone,
  })
  const asked = async (word: string, all: readonly object[]) => {
    const { run, requests } = createCliWorld({ routes: keys(all) })
    const { exitCode, err } = await run('key', 'revoke', word)
    const id = requests
      .find(({ method }) => method === 'DELETE')
      ?.url.pathname.split('/')
      .at(-1)
    return { exitCode, err, id }
  }
  expect(await asked('mdt_BBBBBBBBBBBB', [valid, other])).toMatchObject({ exitCode: 0, id: other.id })
  expect(await asked('mine', [{ ...other, revoked_at: at }, valid])).toMatchObject({ exitCode: 0, id: valid.id })
  expect(await asked(other.id, [])).toMatchObject({ exitCode: 0, id: other.id })
  const several = await asked('mine', [valid, other])
  expect(several).toMatchObject({ exitCode: 2, id: undefined })
  expect(several.err).toContain('mdt_AwijZmJUfJLR, mdt_BBBBBBBBBBBB')
  expect(await asked('yours', [valid])).toMatchObject({ exitCode: 2, id: undefined })
})
