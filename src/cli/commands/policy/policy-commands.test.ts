import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCliWorld, problem } from '../../../../test/support/cli-world.ts'

const digest = `sha256:${'a'.repeat(64)}`
const policy = { name: 'mine', digest, title: 'Mine', builtin: false, created_at: '2026-01-01T11:00:00.000Z' }
const whole = { ...policy, document: { name: 'mine' }, cedar: 'permit (principal, action, resource);\n' }

let folder: string
const at = (name: string) => join(folder, name)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mandate-policy-'))
  await writeFile(at('mine.json'), '{"name":"mine"}')
  await writeFile(at('mine.cedar'), 'permit')
  await writeFile(at('other.cedar'), 'forbid')
})
afterEach(() => rm(folder, { recursive: true }))

describe('mandate policy', () => {
  test('lists the policies', async () => {
    const policies = [{ ...policy, name: 'default', title: 'Default', builtin: true }, policy]
    const { out } = await createCliWorld({ routes: { 'GET /policies': { policies } } }).run('policy', 'list')
    expect(out.split('\n')).toEqual([
      'POLICY   TITLE    FROM         ADDED    DIGEST',
      'default  Default  the server   1 h ago  sha256:aaaaaaaaaaaa',
      'mine     Mine     an operator  1 h ago  sha256:aaaaaaaaaaaa',
      '',
    ])
  })

  test('shows one whole', async () => {
    const { out } = await createCliWorld({ routes: { 'GET /policies/mine': whole } }).run('policy', 'show', 'mine')
    expect(out).toBe(
      `policy mine ${digest}\n\ndocument\n{\n  "name": "mine"\n}\n\ncedar\npermit (principal, action, resource);\n`,
    )
  })

  test('adds one by its files as they are, the Cedar text beside the document or named', async () => {
    const { run, requests } = createCliWorld({ routes: { 'POST /policies': whole } })
    expect(await run('policy', 'add', at('mine.json'))).toMatchObject({ exitCode: 0, out: `policy mine ${digest}\n` })
    await run('policy', 'add', at('mine.json'), '--cedar', at('other.cedar'))
    expect(requests.map(({ body }) => body)).toEqual([
      { document: '{"name":"mine"}', cedar: 'permit' },
      { document: '{"name":"mine"}', cedar: 'forbid' },
    ])
  })

  test('names each problem of one that is refused', async () => {
    const errors = [{ field: 'cedar:3:14', message: 'is no rule' }]
    const routes = { 'POST /policies': problem(422, 'policy_invalid', { errors }) }
    const { exitCode, err } = await createCliWorld({ routes }).run('policy', 'add', at('mine.json'))
    expect([exitCode, err]).toEqual([5, 'mandate: It is policy_invalid.\n  cedar:3:14: is no rule\n'])
  })

  test('checks one, with lines and hints, and ends with 1 where something is wrong', async () => {
    const problems = [
      { where: 'cedar', line: 3, column: 14, message: 'no such action', hint: 'did you mean fetch?' },
      { where: 'document', line: 1, column: 2, message: 'name is missing', hint: null },
    ]
    const wrong = { ok: false, name: null, digest: null, problems }
    const refused = await createCliWorld({ routes: { 'POST /policies/check': wrong } }).run(
      'policy',
      'check',
      at('mine.json'),
    )
    expect(refused).toEqual({
      exitCode: 1,
      out: 'cedar:3:14  no such action\n  did you mean fetch?\ndocument:1:2  name is missing\n',
      err: '',
    })
    const well = { ok: true, name: 'mine', digest, problems: [] }
    const { run } = createCliWorld({ routes: { 'POST /policies/check': well } })
    expect(await run('policy', 'check', at('mine.json'))).toMatchObject({
      exitCode: 0,
      out: `valid  policy mine ${digest}\n`,
    })
    expect(JSON.parse((await run('policy', 'check', at('mine.json'), '--json')).out)).toEqual(well)
  })

  test('what-if lists the decisions that would change, under a stored policy or the files of one', async () => {
    const change = {
      task: 'task-1',
      task_number: 7,
      run: 'run-1',
      action: 'action-1',
      tool: 'send_mail',
      at: '2026-01-01T10:00:00.000Z',
      was: 'allow',
      would: 'deny',
      rules: ['policy:no_mail'],
      reason: 'No mail.',
    }
    const found = { examined: 12, unreadable: 2, changes: [change], has_more: true, next_cursor: '7.1' }
    const { run, requests } = createCliWorld({ routes: { 'POST /policies/what-if': found } })
    const { out } = await run('policy', 'what-if', 'hipaa')
    expect(out.split('\n')).toEqual([
      'AT                   TASK  TOOL       WAS    WOULD  BY              BECAUSE',
      '2026-01-01T10:00:00     7  send_mail  allow  deny   policy:no_mail  No mail.',
      '1 of 12 decisions would change; 2 cannot be made again: what they were made from is gone',
      'More with --cursor 7.1',
      '',
    ])
    await run('policy', 'what-if', at('mine.json'), '--since', '2d', '--limit', '5', '--cursor', '7.1')
    await run('policy', 'what-if', 'hipaa', '--since', '2025-12-31')
    expect(requests.map(({ body }) => body)).toEqual([
      { policy: 'hipaa' },
      { document: '{"name":"mine"}', cedar: 'permit', since: '2025-12-30T12:00:00.000Z', limit: 5, cursor: '7.1' },
      { policy: 'hipaa', since: '2025-12-31T00:00:00.000Z' },
    ])
    expect((await run('policy', 'what-if', 'hipaa', '--since', 'lately')).exitCode).toBe(2)
  })

  test.each([
    [['none.json'], 'there is no such file'],
    [['other.cedar'], '--cedar'],
    [['mine.json', '--cedar', 'none'], 'there is no such file'],
  ])('takes %j for wrong usage and asks nobody', async ([name = '', ...options], told) => {
    const { run, requests } = createCliWorld()
    const { exitCode, err } = await run('policy', 'check', at(name), ...options)
    expect([exitCode, requests]).toEqual([2, []])
    expect(err).toContain(told)
  })
})
