import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createCliWorld, eventStream, problem } from '../../../../test/support/cli-world.ts'
import { sampleAgent, sampleId, sampleJournal, sampleTask } from '../../../../test/support/sample-views.ts'
import type { TaskView } from '../../../api/native/contract/task.ts'

/** A server that takes one task and brings it to this end. */
function routesTo(task: TaskView, events = sampleJournal()) {
  return {
    'GET /health': { live: true, ready: true, degraded: [], version: '1' },
    'POST /tasks': sampleTask({ state: 'queued', result: null, last_seq: 3 }),
    [`GET /tasks/${sampleId}/events`]: () => eventStream(events),
    [`GET /tasks/${sampleId}`]: task,
    [`GET /tasks/${sampleId}/files`]: { files: [{ path: 'a.txt', bytes: 1_234, digest: 'sha256:0' }] },
  }
}

describe('mandate run', () => {
  test('shows the task, its steps, its result once, what it took and what it wrote, and ends with 0', async () => {
    const { run } = createCliWorld({ routes: routesTo(sampleTask()) })
    const { exitCode, out, err } = await run('run', 'say', 'hello')
    expect(out.split('\n')).toEqual([
      `task 7 say hello · demo · ${sampleId}`,
      'queued',
      'step 1',
      'hello',
      '',
      'succeeded  1 step · 1,200 tokens in, 34 out · $0.0012 · 2.5 s',
      '',
      'files in its workspace ("mandate task fetch 7" brings them here):',
      '  a.txt (1.2 kB)',
      '',
    ])
    expect(err).toBe('')
    expect(exitCode).toBe(0)
  })

  test('prints a result that was not the last text', async () => {
    const { run } = createCliWorld({ routes: routesTo(sampleTask({ result: 'something else' })) })
    expect((await run('run', 'x')).out).toContain('hello\nsomething else\n\nsucceeded  ')
  })

  test('prints the journal as lines of JSON and nothing else with --json', async () => {
    const { run } = createCliWorld({ routes: routesTo(sampleTask()) })
    const { out, err, exitCode } = await run('run', '--json', 'say hello')
    const lines = out.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(sampleJournal())
    expect([err, exitCode]).toEqual(['', 0])
  })

  test.each([
    ['failed', 1],
    ['blocked', 3],
    ['cancelled', 4],
  ] as const)('ends a task that is %s with %i and says why', async (state, expected) => {
    const error = { code: 'why', message: 'Because.' }
    const { run } = createCliWorld({ routes: routesTo(sampleTask({ state, error, result: null })) })
    const { exitCode, out } = await run('run', 'x')
    expect(exitCode).toBe(expected)
    expect(out).toContain(`${state}: Because. (why)\n`)
  })

  test('says once that the connection is gone, and goes on where it was', async () => {
    const journal = sampleJournal()
    const cut = () => new Response(null, { status: 204 })
    const streams = [() => eventStream(journal.slice(0, 3)), cut, cut, () => eventStream(journal)]
    const routes = {
      ...routesTo(sampleTask()),
      [`GET /tasks/${sampleId}/events`]: () => streams.shift()?.() ?? problem(500, 'internal'),
    }
    const { out, exitCode } = await createCliWorld({ routes }).run('run', 'x')
    expect(out.match(/Trying again/gu)).toHaveLength(1)
    expect(out.match(/^queued$/gmu)).toHaveLength(1)
    expect(out).toContain('\nhello\n')
    expect(exitCode).toBe(0)
  })

  test('submits what the options say', async () => {
    const agents = { agents: [sampleAgent({ name: 'writer' })], has_more: false, next_cursor: null }
    const { run, requests } = createCliWorld({ routes: { ...routesTo(sampleTask()), 'GET /agents': agents } })
    const folder = await mkdtemp(join(tmpdir(), 'mandate-cli-'))
    await writeFile(join(folder, 'in.txt'), 'text')
    await writeFile(join(folder, 'in.bin'), Buffer.from([0xff, 0x00]))
    const options = ['--agent', 'writer', '-m', 'demo', '--provider', 'demo', '--priority', '9', '--max-steps', '3']
    const more = ['--timeout', '2m', '--metadata', 'a=1', '--metadata', 'b=', '--title', 'T']
    const files = ['--file', join(folder, 'in.txt'), '-f', join(folder, 'in.bin')]
    expect((await run('run', ...options, ...more, ...files, 'do it')).exitCode).toBe(0)
    await rm(folder, { recursive: true })
    expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
      input: 'do it',
      agent_id: sampleId,
      model: 'demo',
      provider: 'demo',
      priority: 9,
      max_steps: 3,
      timeout_seconds: 120,
      metadata: { a: '1', b: '' },
      title: 'T',
      files: [
        { path: 'in.txt', content: 'text' },
        { path: 'in.bin', content_base64: '/wA=' },
      ],
    })
  })

  test('says what the server refused, field by field, and ends with 5', async () => {
    const errors = [{ field: 'model', message: 'no such model' }]
    const routes = { ...routesTo(sampleTask()), 'POST /tasks': problem(422, 'model_unknown', { errors, limit: 'l' }) }
    const { exitCode, err } = await createCliWorld({ routes }).run('run', 'x')
    expect(err).toBe('mandate: It is model_unknown. (limit: l)\n  model: no such model\n')
    expect(exitCode).toBe(5)
  })

  test('submits only with --detach, and says how to go on', async () => {
    const { run, requests } = createCliWorld({ routes: routesTo(sampleTask()) })
    const { out, exitCode } = await run('run', '--detach', 'x')
    expect(out).toBe(`task 7 ${sampleId} queued\nFollow it with: mandate task watch 7\n`)
    expect(exitCode).toBe(0)
    expect(requests).toHaveLength(2)
  })

  test.each([
    [['run'], 'missing required argument'],
    [['run', ' '], 'The instructions are empty'],
    [['run', '--priority', '11', 'x'], '--priority takes a whole number from 1 to 10'],
    [['run', '--file', '/no/such/file', 'x'], 'there is no such file'],
    [['run', '--file', '/', 'x'], 'is a folder'],
    [['run', '--flag', 'x'], "unknown option '--flag'"],
    [['run', '--url', 'nonsense', 'x'], 'is not the address of a server'],
  ])('ends %j with 2 and says what to write', async (argv, message) => {
    const { exitCode, err } = await createCliWorld({ routes: routesTo(sampleTask()) }).run(...argv)
    expect(err).toContain(message)
    expect(exitCode).toBe(2)
  })
})

describe('the server of mandate run', () => {
  const started = (stopped: string[]) => ({
    startServer: async () => ({
      url: 'http://127.0.0.1:4242',
      adminKey: 'admin-key',
      temporary: true,
      letGo: async () => void stopped.push('stopped'),
    }),
  })

  test('is started where none answers, used with its own key, and stopped in the end', async () => {
    const stopped: string[] = []
    const { 'GET /health': _, ...routes } = routesTo(sampleTask())
    const { run, requests } = createCliWorld({ routes, offline: started(stopped) })
    const { exitCode, err } = await run('run', 'x')
    expect(exitCode).toBe(0)
    expect(err).toContain('one was started at http://127.0.0.1:4242')
    expect(stopped).toEqual(['stopped'])
    expect(requests[0]?.url.host).toBe('127.0.0.1:7070')
    expect(requests.slice(1).every(({ url, key }) => url.port === '4242' && key === 'admin-key')).toBe(true)
  })

  test('is stopped also when it refuses the task', async () => {
    const stopped: string[] = []
    const routes = { 'POST /tasks': problem(401, 'unauthenticated') }
    const { run } = createCliWorld({ routes, offline: started(stopped), env: { MANDATE_PORT: '0' } })
    const { exitCode, err } = await run('run', 'x')
    expect(exitCode).toBe(5)
    expect(err).toContain('mandate: It is unauthenticated. Give a key by --key or MANDATE_KEY.\n')
    expect(stopped).toEqual(['stopped'])
  })

  test('is not started where one was named', async () => {
    const { exitCode, err } = await createCliWorld().run('run', '--url', 'http://127.0.0.1:1', 'x')
    expect(exitCode).toBe(5)
    expect(err).toBe(
      'mandate: No server answers at http://127.0.0.1:1. Start one with "mandate serve", or name another by --url or MANDATE_URL.\n',
    )
  })

  test('is not started for a task that is to go on without us', async () => {
    const stopped: string[] = []
    const { exitCode, err } = await createCliWorld({ offline: started(stopped) }).run('run', '--detach', 'x')
    expect(exitCode).toBe(5)
    expect(err).toContain('start it with "mandate serve"')
    expect(stopped).toEqual(['stopped'])
  })

  test('is joined where another command started it: held until the end, and nothing is left to it alone', async () => {
    const letGo: string[] = []
    const joinServer = async () => ({
      url: 'http://127.0.0.1:7070',
      adminKey: 'its-key',
      temporary: true,
      letGo: async () => void letGo.push('let go'),
    })
    const { run, requests } = createCliWorld({ routes: routesTo(sampleTask()), offline: { joinServer } })
    const { exitCode, err } = await run('run', 'x')
    expect([exitCode, letGo]).toEqual([0, ['let go']])
    expect(err).toContain('was started for another task; it ends with the last')
    expect(requests.every(({ key }) => key === 'its-key')).toBe(true)
    const detached = await run('run', '--detach', 'x')
    expect([detached.exitCode, letGo]).toEqual([5, ['let go', 'let go']])
  })

  test('is the one of the data folder where that listens elsewhere', async () => {
    const asked: (string | undefined)[] = []
    const joinServer = async (url: string | undefined) => {
      asked.push(url)
      const server = {
        url: 'http://127.0.0.1:4242',
        adminKey: undefined,
        temporary: false,
        letGo: async () => undefined,
      }
      return url === undefined ? server : undefined
    }
    const { 'GET /health': _, ...routes } = routesTo(sampleTask())
    const { run, requests } = createCliWorld({ routes, offline: { joinServer } })
    expect((await run('run', 'x')).exitCode).toBe(0)
    expect(asked).toEqual(['http://127.0.0.1:7070', undefined])
    expect(requests.slice(1).every(({ url, key }) => url.port === '4242' && key === 'local-key')).toBe(true)
  })

  test('is waited for while another command starts it, and started anew while one is ending', async () => {
    const inUse = Object.assign(new Error('in use'), { exitCode: 75 })
    const server = { ...(await started([]).startServer()), url: 'http://127.0.0.1:4242' }
    const joins = ['ending', undefined, undefined, server] as const
    let asked = 0
    let starts = 0
    const offline = {
      joinServer: async () => joins[asked++],
      startServer: () => {
        starts += 1
        return Promise.reject(inUse)
      },
    }
    const { exitCode } = await createCliWorld({
      routes: routesTo(sampleTask()),
      offline,
      env: { MANDATE_PORT: '0' },
    }).run('run', 'x')
    expect([exitCode, asked, starts]).toEqual([0, 4, 3])
  })

  test.each([
    [75, 120],
    [71, 3],
    [73, 1],
    [64, 1],
  ])('that ends with %i is tried %i times and then told', async (exitCode, tries) => {
    let starts = 0
    const startServer = () => {
      starts += 1
      return Promise.reject(Object.assign(new Error('Mandate cannot start: so it is.'), { exitCode }))
    }
    const ended = await createCliWorld({ offline: { startServer } }).run('run', 'x')
    expect([ended.exitCode, starts]).toEqual([5, tries])
    expect(ended.err).toContain('none could be started: Mandate cannot start: so it is.')
  })

  test('that cannot be started says why', async () => {
    const startServer = () => Promise.reject(new Error('Mandate cannot start: the folder is read-only.'))
    const { exitCode, err } = await createCliWorld({ offline: { startServer } }).run('run', 'x')
    expect(exitCode).toBe(5)
    expect(err).toContain('none could be started: Mandate cannot start: the folder is read-only.')
  })
})

describe('Ctrl-C during mandate run', () => {
  /** A task that runs until it is cancelled. */
  function endless(cancel: () => object | Response = () => sampleTask({ state: 'cancelled' })) {
    let end: (() => void) | undefined
    let begun: (() => void) | undefined
    const streaming = new Promise<void>((resolve) => {
      begun = resolve
    })
    const events = sampleJournal({ type: 'run.cancelled', data: { by: 'me' } })
    const routes = {
      ...routesTo(sampleTask({ state: 'cancelled', result: null })),
      [`GET /tasks/${sampleId}/events`]: ({ signal }: { signal: AbortSignal | undefined }) =>
        new Promise<Response>((resolve, reject) => {
          end = () => resolve(eventStream(events))
          signal?.addEventListener('abort', () => reject(signal.reason))
          begun?.()
        }),
      [`POST /tasks/${sampleId}/cancel`]: () => {
        const answer = cancel()
        if (!(answer instanceof Response)) end?.()
        return answer
      },
    }
    return { world: createCliWorld({ routes }), streaming }
  }

  test('asks the server to cancel, shows the end, and ends with 130', async () => {
    const { world, streaming } = endless()
    const running = world.run('run', 'x')
    await streaming
    world.interrupt()
    const { exitCode, out } = await running
    expect(exitCode).toBe(130)
    expect(out).toContain('Cancelling; press Ctrl-C again to leave without waiting.\n')
    expect(out).toContain('\ncancelled  1 step')
    expect(world.requests.filter(({ url }) => url.pathname.endsWith('/cancel'))).toHaveLength(1)
    expect(world.listening).toBe(false)
  })

  test('leaves at once when it is pressed again', async () => {
    const { world, streaming } = endless(() => problem(409, 'run_settled'))
    const running = world.run('run', 'x')
    await streaming
    world.interrupt()
    world.interrupt()
    expect((await running).exitCode).toBe(130)
  })

  test('ends with 130 also when the server cannot cancel', async () => {
    const { world, streaming } = endless(() => problem(503, 'storage_unavailable'))
    const running = world.run('run', 'x')
    await streaming
    world.interrupt()
    const { exitCode, out } = await running
    expect(exitCode).toBe(130)
    expect(out).toContain('It could not be cancelled: It is storage_unavailable.')
  })
})
