import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createCliWorld, problem } from '../../test/support/cli-world.ts'
import { sampleAgent, sampleId, sampleJournal, sampleTask } from '../../test/support/sample-views.ts'

const page = (name: string, rows: object[], cursor: string | null = null) => ({
  [name]: rows,
  has_more: cursor !== null,
  next_cursor: cursor,
})

describe('the command line', () => {
  test('explains itself on standard output when it is asked to, and ends with 0', async () => {
    const { exitCode, out, err } = await createCliWorld().run('--help')
    for (const name of [
      'serve',
      'run',
      'inbox',
      'answer',
      'task',
      'agent',
      'model',
      'policy',
      'usage',
      'verify',
      'key',
      'user',
      'team',
      'health',
      'backup',
      'restore',
    ]) {
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'mu'))
    }
    expect([exitCode, err]).toEqual([0, ''])
  })

  test.each([[['nonsense']], [['task', 'nonsense']], [[]], [['task', 'show']], [['task', 'list', '--state', 'gone']]])(
    'ends %j with 2 and writes to standard error only',
    async (argv) => {
      const { exitCode, out, err } = await createCliWorld().run(...argv)
      expect([exitCode, out]).toEqual([2, ''])
      expect(err).not.toBe('')
    },
  )

  test('serves by what main handed it', async () => {
    const { exitCode } = await createCliWorld({ offline: { serve: async () => 75 } }).run('serve')
    expect(exitCode).toBe(75)
  })

  test('lists tasks as a table, with what they cost and how old they are', async () => {
    const tasks = [
      sampleTask(),
      sampleTask({ number: 12, state: 'failed', title: 'a\u001b[2J\nb', cost_micros_usd: 0 }),
    ]
    const { run, requests } = createCliWorld({ routes: { 'GET /tasks': page('tasks', tasks, 'next') } })
    const { out } = await run('task', 'list', '--state', 'succeeded,failed', '--metadata', 'a=b')
    expect(out.split('\n')).toEqual([
      'TASK  STATE      TITLE      MODEL  STEPS     COST  CREATED',
      '   7  succeeded  say hello  demo       1  $0.0012  1 m ago',
      '  12  failed     a[2J b     demo       1    $0.00  1 m ago',
      'More with --cursor next',
      '',
    ])
    expect(requests[0]?.url.search).toBe('?limit=20&state=succeeded%2Cfailed&metadata%5Ba%5D=b')
  })

  test('prints the server’s own answer with --json', async () => {
    const task = sampleTask()
    const { out } = await createCliWorld({ routes: { 'GET /tasks/7': task } }).run('task', 'show', '7', '--json')
    expect(JSON.parse(out)).toEqual(task)
  })

  test('shows a task with its input and what came of it', async () => {
    const task = sampleTask({ metadata: { project: 'apollo' }, result_sealed: true, result: null })
    const { out } = await createCliWorld({ routes: { 'GET /tasks/7': task } }).run('task', 'show', '7')
    expect(out).toContain('task 7 succeeded  say hello\n')
    expect(out).toContain('metadata  project=apollo\n')
    expect(out).toContain('\ninput\nsay hello\n\nresult\n[sealed content]\n')
  })

  test('prints a journal page by page', async () => {
    const [first, ...rest] = sampleJournal()
    const { run, requests } = createCliWorld({
      routes: {
        'GET /tasks/7/events': ({ url }) =>
          url.searchParams.get('after') === '0'
            ? { events: [first], has_more: true }
            : { events: rest, has_more: false },
      },
    })
    const { out } = await run('task', 'events', '7')
    expect(out.split('\n').map((line) => line.slice(0, 44))).toEqual([
      '   1  11:59:01.000  task.submitted    say he',
      '   2  11:59:01.000  message.added     say he',
      '   3  11:59:01.000  run.queued        turn 1',
      '   4  11:59:01.000  model.responded   1,200 ',
      '   5  11:59:01.000  run.succeeded     hello',
      '',
    ])
    expect(requests.map(({ url }) => url.search)).toEqual(['?after=0', '?after=1'])
  })

  test.each(['cancel', 'stop', 'resume'])('asks the server to %s a task', async (verb) => {
    const task = sampleTask({ state: 'paused' })
    const { run, requests } = createCliWorld({ routes: { [`POST /tasks/7/${verb}`]: task } })
    expect((await run('task', verb, '7')).out).toBe('task 7 is paused\n')
    expect(requests).toHaveLength(1)
  })

  test('brings no file to where its path leads out of the folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mandate-cli-'))
    const files = { files: [{ path: '../escaped.txt', bytes: 1, digest: 'sha256:0' }] }
    const { run } = createCliWorld({ routes: { 'GET /tasks/7/files': files } })
    const { exitCode, err } = await run('task', 'fetch', '7', '--into', join(folder, 'below'))
    expect(exitCode).toBe(2)
    expect(err).toContain('leads out of')
    expect(existsSync(join(folder, 'escaped.txt'))).toBe(false)
    await rm(folder, { recursive: true })
  })

  test('finds an agent by its name, its number or its id, on any page', async () => {
    const agents = [
      sampleAgent({ name: '2' }),
      sampleAgent({ number: 2, name: 'writer', id: sampleId.replace(/1$/u, '2') }),
    ]
    const routes = {
      'GET /agents': ({ url }: { url: URL }) =>
        url.searchParams.has('cursor') ? page('agents', agents.slice(1)) : page('agents', agents.slice(0, 1), 'c'),
      [`GET /agents/${agents[0]?.id}`]: agents[0] ?? {},
      [`GET /agents/${agents[1]?.id}`]: agents[1] ?? {},
    }
    const show = async (word: string) =>
      (await createCliWorld({ routes }).run('agent', 'show', word)).out.split('\n')[0]
    expect(await show('writer')).toBe('agent 2  writer')
    expect(await show('2')).toBe('agent 1  2')
    expect(await show('1')).toBe('agent 1  2')
    expect(await show(agents[1]?.id ?? '')).toBe('agent 2  writer')
    const { exitCode, err } = await createCliWorld({ routes }).run('agent', 'show', 'nobody')
    expect([exitCode, err]).toEqual([2, 'mandate: There is no agent "nobody". See "mandate agent list".\n'])
  })

  test('asks which agent is meant when several have the name', async () => {
    const agents = [sampleAgent(), sampleAgent({ number: 2 })]
    const { err } = await createCliWorld({ routes: { 'GET /agents': page('agents', agents) } }).run(
      'agent',
      'show',
      'demo',
    )
    expect(err).toContain('say which by its number: 1, 2')
  })

  test('changes of an agent only what is given', async () => {
    const routes = { [`PATCH /agents/${sampleId}`]: sampleAgent() }
    const { run, requests } = createCliWorld({ routes })
    await run('agent', 'update', sampleId, '--model', '', '--tool', 'a,b', '--timeout', '1m')
    expect(requests[0]?.body).toEqual({ model: null, tools: ['a', 'b'], timeout_seconds: 60 })
    expect((await run('agent', 'update', sampleId)).exitCode).toBe(2)
  })

  test('prints a new key alone on standard output', async () => {
    const key = { id: sampleId, name: 'ci', role: 'viewer', dialect: 'native', key: 'mdt_secret' }
    const { run, requests } = createCliWorld({ routes: { 'POST /keys': key } })
    const { out, err } = await run('key', 'create', 'ci', '--role', 'viewer')
    expect(out).toBe('mdt_secret\n')
    expect(err).toContain('it is not shown again')
    expect(requests[0]?.body).toEqual({ name: 'ci', role: 'viewer' })
  })

  test('names the variable that a model lacks', async () => {
    const line = { provider: 'p', model: 'm', default: false }
    const models = [
      { ...line, name: 'demo', available: true, unavailable_reason: null, default: true },
      { ...line, name: 'x', available: false, unavailable_reason: 'It needs a key: set X_API_KEY and start again.' },
    ]
    const { out } = await createCliWorld({ routes: { 'GET /models': { models } } }).run('model', 'list')
    expect(out.split('\n').slice(1, 3)).toEqual([
      'demo (default)  p         m      yes',
      'x               p         m      lacks X_API_KEY',
    ])
  })

  test('ends with 1 when the server takes no new work, and says why', async () => {
    const health = { live: true, ready: false, degraded: ['The disk is full.'], version: '1.2.3' }
    const routes = { 'GET /health': Response.json(health, { status: 503 }) }
    const { exitCode, out } = await createCliWorld({ routes }).run('health')
    expect(out).toBe('Mandate 1.2.3 at http://127.0.0.1:7070 takes no new work\n  The disk is full.\n')
    expect(exitCode).toBe(1)
  })

  test('says when to try again', async () => {
    const busy = problem(503, 'overloaded')
    busy.headers.set('retry-after', '2')
    const { exitCode, err } = await createCliWorld({ routes: { 'GET /tasks': busy } }).run('task', 'list')
    expect([exitCode, err]).toEqual([5, 'mandate: It is overloaded. Try again in 2.0 s.\n'])
  })

  test('takes the passphrase of a backup from the environment only', async () => {
    const asked: object[] = []
    const backup = async (options: object) => {
      asked.push(options)
      return { bytes: 1_234, files: 3 }
    }
    const { run } = createCliWorld({ offline: { backup }, env: { SECRET: 'horse' } })
    expect((await run('backup', 'b.tar', '--passphrase-env', 'SECRET')).out).toBe('b.tar: 3 files, 1.2 kB\n')
    const without = await run('backup', 'b.tar')
    expect([without.exitCode, without.err]).toEqual([
      0,
      expect.stringContaining('The keys of the server are not in it'),
    ])
    expect((await run('backup', 'b.tar', '--passphrase-env', 'NONE')).exitCode).toBe(2)
    expect(asked).toEqual([{ archive: 'b.tar', passphrase: 'horse' }, { archive: 'b.tar' }])
  })

  test('restores, and says in a sentence why it cannot', async () => {
    const refusal = Object.assign(new Error('the folder is not empty.'), { name: 'ArchiveError' })
    const restored = createCliWorld({ offline: { restore: async () => undefined } })
    expect((await restored.run('restore', 'b.tar')).out).toContain('b.tar is restored')
    const refused = await createCliWorld({ offline: { restore: () => Promise.reject(refusal) } }).run(
      'restore',
      'b.tar',
    )
    expect([refused.exitCode, refused.err]).toEqual([1, 'mandate: the folder is not empty.\n'])
  })

  test('prints commands as it was called itself', async () => {
    const program = 'npm run -s mandate --'
    const routes = { 'GET /tasks': page('tasks', []), 'GET /agents': page('agents', []) }
    const { run } = createCliWorld({ routes, program, offline: { restore: async () => undefined } })
    const said = async (...argv: string[]) => {
      const { out, err } = await run(...argv)
      return out + err
    }
    expect(await said('task', 'list')).toContain(`Submit one with: ${program} run `)
    expect(await said('agent', 'list')).toContain(`Create one with: ${program} agent create`)
    expect(await said('agent', 'show', 'x')).toContain(`See "${program} agent list".`)
    expect(await said('restore', 'b.tar')).toContain(`start the server with: ${program} serve`)
    expect(await said('health')).toContain(`Start one with "${program} serve"`)
    for (const command of [['run'], ['agent', 'create']]) {
      const help = await said(...command, '--help')
      expect(help).toContain(`Usage: ${program} ${command.join(' ')} `)
      expect(help).toContain(`  ${program} ${command.join(' ')} `)
      expect(help).not.toMatch(/(?<!-s )\bmandate [a-z]/u)
    }
  })

  test('does nothing under a setting that is none, and ends as a start of the server would', async () => {
    const checkSettings = () => {
      throw Object.assign(new Error('MANDATE_DTA is set.'), { name: 'StartError', exitCode: 64 })
    }
    const { run } = createCliWorld({ offline: { checkSettings } })
    for (const argv of [['serve'], ['backup', 'x.tar'], ['task', 'list'], ['run', 'say x'], ['verify', 'x.json']]) {
      const { exitCode, err } = await run(...argv)
      expect([exitCode, err]).toEqual([64, 'mandate: MANDATE_DTA is set.\n'])
    }
    expect((await run('--help')).exitCode).toBe(0)
  })

  test('takes the variable that holds a passphrase for one that is known', async () => {
    const asked: (readonly string[])[] = []
    const checkSettings = (named: readonly string[]) => void asked.push(named)
    const backup = async () => ({ bytes: 1, files: 1 })
    const { run } = createCliWorld({ offline: { checkSettings, backup }, env: { MANDATE_SECRET: 'horse' } })
    expect((await run('backup', 'b.tar', '--passphrase-env', 'MANDATE_SECRET')).exitCode).toBe(0)
    expect((await run('backup', 'b.tar')).exitCode).toBe(0)
    expect(asked).toEqual([['MANDATE_SECRET'], []])
  })

  test('shows the stack of what is a defect', async () => {
    const localKey = () => {
      throw new TypeError('oh')
    }
    const { exitCode, err } = await createCliWorld({ offline: { localKey } }).run('health')
    expect(exitCode).toBe(1)
    expect(err).toMatch(/^mandate: This is a defect of mandate\. TypeError: oh\n {4}at /u)
  })
})
