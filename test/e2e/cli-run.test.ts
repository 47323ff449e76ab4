import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type RunningServer,
  startServer,
  temporaryFolder,
  testAdminKey,
  testStateFolder,
} from '../support/start-server.ts'
import { until } from '../support/until.ts'

const bin = fileURLToPath(new URL('../../bin/mandate.mjs', import.meta.url))

interface Ended {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
}

/** The real command as a process of its own, with nothing of this process's settings. */
function start(argv: readonly string[], env: Record<string, string>, cwd?: string) {
  const child: ChildProcess = spawn(process.execPath, [bin, ...argv], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      XDG_STATE_HOME: testStateFolder,
      MANDATE_LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
  })
  let out = ''
  let err = ''
  const watchers = new Set<() => void>()
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
    for (const look of [...watchers]) look()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, out, err }))
  })
  return {
    child,
    ended,
    /** Resolves as soon as this was printed. */
    printed: (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!out.includes(text)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
  }
}

/** The address that a command said its server has. */
const serverIn = (err: string): string => /(http:\S+) (?:was started )?for/u.exec(err)?.[1] ?? 'no address'

const run = (argv: readonly string[], env: Record<string, string>, cwd?: string) => start(argv, env, cwd).ended

describe('the command line against a running server', () => {
  let data: ReturnType<typeof temporaryFolder>
  let work: ReturnType<typeof temporaryFolder>
  let server: RunningServer
  let env: Record<string, string>

  beforeAll(async () => {
    data = temporaryFolder()
    work = temporaryFolder()
    server = await startServer(data.path)
    env = { MANDATE_URL: server.url, MANDATE_KEY: testAdminKey }
  })
  afterAll(async () => {
    await server.stop()
    data.remove()
    work.remove()
  })

  test('runs a task, showing steps, actions, results and files as plain lines', async () => {
    const { exitCode, out, err } = await run(['run', 'write hello world to a.txt then count the words in a.txt'], env)
    expect(err).toBe('')
    expect(out).toMatch(
      /^task \d+ write hello world to a\.txt then count the words in a\.txt · demo · [0-9a-f-]{36}\n/u,
    )
    expect(out).toContain('  write_file  path: a.txt, content: hello world\n  ✓ Wrote 11 bytes to a.txt.')
    expect(out.match(/^a\.txt has 2 words\.$/gmu)).toHaveLength(1)
    expect(out).toMatch(/\nsucceeded {2}3 steps · \d+ tokens in, \d+ out · \$0\.00 · /u)
    expect(out).toContain('  a.txt (11 B)\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: without a terminal nothing may steer one.
    expect(out).not.toMatch(/[\u001b\r]/u)
    expect(exitCode).toBe(0)
  })

  test('prints with --json exactly the journal that the server keeps', async () => {
    const { out, exitCode, err } = await run(['run', '--json', 'say hello in 40 tokens'], env)
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.at(-1).type).toBe('run.succeeded')
    expect([exitCode, err]).toEqual([0, ''])
    const { tasks } = (await (await server.call('GET', '/mandate/v1/tasks?limit=1')).json()) as {
      tasks: { number: number; id: string }[]
    }
    const again = await run(['task', 'events', '--json', String(tasks[0]?.number)], env)
    expect(again.out).toBe(out)
    const followed = await run(['task', 'events', '--json', '--follow', tasks[0]?.id ?? ''], env)
    expect(followed.out).toBe(out)
  })

  test('ends a task that failed with 1, one that is refused with 5, a wrong line with 2', async () => {
    const failed = await run(['run', 'fail out of cheese'], env)
    expect(failed.out).toContain('\nfailed: out of cheese (request_refused)\n')
    expect(failed.exitCode).toBe(1)
    const refused = await run(['run', '--model', 'no-such-model', 'say x'], env)
    expect(refused.err).toMatch(/^mandate: .*no-such-model/u)
    expect(refused.exitCode).toBe(5)
    const stranger = await run(['run', 'say x'], { ...env, MANDATE_KEY: 'mdt_wrong' })
    expect(stranger.err).toMatch(/^mandate: .* Give a key by --key or MANDATE_KEY\.\n$/u)
    expect(stranger.exitCode).toBe(5)
    expect((await run(['run', '--nonsense'], env)).exitCode).toBe(2)
    const nobody = await run(['task', 'list', '--url', 'http://127.0.0.1:9'], env)
    expect(nobody.err).toMatch(
      /^mandate: No server answers at http:\/\/127\.0\.0\.1:9 \(bad port\)\. Start one with "/u,
    )
    expect(nobody.exitCode).toBe(5)
  })

  test('takes files along and brings files back, bytes unchanged', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128])
    writeFileSync(join(work.path, 'in.txt'), 'one two three')
    writeFileSync(join(work.path, 'in.bin'), bytes)
    const files = ['--file', 'in.txt', '--file', join(work.path, 'in.bin')]
    const instructions = 'count the words in in.txt then write done to deep/out.txt'
    const ended = await run(['run', ...files, '--into', 'back', instructions], env, work.path)
    expect(ended.out).toContain('in.txt has 3 words.')
    expect(readFileSync(join(work.path, 'back/in.bin'))).toEqual(bytes)
    expect(readFileSync(join(work.path, 'back/deep/out.txt'), 'utf8')).toBe('done')
    const number = /^task (\d+)/u.exec(ended.out)?.[1] ?? ''
    expect((await run(['task', 'files', number], env)).out).toMatch(/^PATH +SIZE +SHA-256\ndeep\/out\.txt +4 B /u)
    expect((await run(['task', 'fetch', number, 'in.txt', '--stdout'], env)).out).toBe('one two three')
    const twice = await run(['task', 'fetch', number, '--into', 'back'], env, work.path)
    expect(twice.err).toContain('--force replaces it')
    expect(twice.exitCode).toBe(2)
  })

  test('cancels the task at Ctrl-C and ends with 130', async () => {
    const running = start(['run', 'wait 600 seconds'], env)
    await running.printed('step 1')
    running.child.kill('SIGINT')
    const { exitCode, out } = await running.ended
    expect(exitCode).toBe(130)
    expect(out).toContain('Cancelling')
    expect(out).toMatch(/\ncancelled {2}/u)
    const number = /^task (\d+)/u.exec(out)?.[1] ?? ''
    const shown = await run(['task', 'show', '--json', number], env)
    expect(JSON.parse(shown.out)).toMatchObject({ state: 'cancelled' })
  })

  test('steers tasks: detach, stop, resume, message, watch', async () => {
    const notBefore = await run(['run', '--detach', '--json', '--metadata', 'a=1', 'wait 600 seconds'], env)
    const number = String(JSON.parse(notBefore.out).number)
    expect((await run(['task', 'list', '--metadata', 'a=1'], env)).out).toContain('wait 600 seconds')
    expect((await run(['task', 'cancel', number], env)).out).toBe(`task ${number} is cancelled\n`)
    const settled = await run(['task', 'resume', number], env)
    expect([settled.exitCode, settled.err]).toEqual([5, expect.stringMatching(/^mandate: The run has ended/u)])
    const message = await run(['task', 'message', number, 'say', 'again'], env)
    expect(message.out).toContain('queued: turn 2\n')
    expect(message.out).toContain('again\n\nsucceeded  ')
    expect((await run(['task', 'watch', number], env)).out).toContain('> say again\n')
  })

  test('makes and uses agents, users, teams and keys', async () => {
    const made = await run(['agent', 'create', 'reader', '--tool', 'read_file', '--capability', 'filesystem:read'], env)
    expect(made.out).toMatch(/^agent \d+ {2}reader\n/u)
    const ran = await run(['run', '--agent', 'reader', 'list the files'], env)
    expect(ran.out).toContain('was not given the tool list_files')
    expect((await run(['agent', 'update', 'reader', '--description', 'Reads.'], env)).out).toContain('Reads.')
    expect((await run(['agent', 'pause', 'reader'], env)).out).toContain('is paused')
    expect((await run(['run', '--agent', 'reader', 'say x'], env)).exitCode).toBe(5)
    expect((await run(['agent', 'resume', 'reader'], env)).out).toContain('is active')
    expect((await run(['agent', 'delete', 'reader'], env)).exitCode).toBe(0)
    expect((await run(['agent', 'show', 'reader'], env)).exitCode).toBe(2)

    const team = /([0-9a-f-]{36})\n$/u.exec((await run(['team', 'create', 'ops'], env)).out)?.[1] ?? ''
    const user = /([0-9a-f-]{36})\n$/u.exec((await run(['user', 'create', 'ann', '--team', team], env)).out)?.[1] ?? ''
    expect((await run(['user', 'list'], env)).out).toMatch(new RegExp(`^ann +ops +${user}$`, 'mu'))
    const key = (await run(['key', 'create', "ann's", '--user', user], env)).out.trim()
    expect((await run(['run', 'say hi'], { ...env, MANDATE_KEY: key })).exitCode).toBe(0)
    const { keys } = JSON.parse((await run(['key', 'list', '--json'], env)).out) as {
      keys: { id: string; name: string }[]
    }
    const id = keys.find(({ name }) => name === "ann's")?.id ?? ''
    expect((await run(['key', 'revoke', id], env)).out).toContain('is revoked')
    expect((await run(['run', 'say hi'], { ...env, MANDATE_KEY: key })).exitCode).toBe(5)
  })

  test('tells how the server is and what models it has', async () => {
    expect((await run(['health'], env)).out).toMatch(/^Mandate \d.* takes new work\n$/u)
    expect((await run(['model', 'list'], env)).out).toMatch(/^demo \(default\) +demo +yes$/mu)
  })
})

// Each test starts several processes; a busy machine takes its time for that.
describe('the command line without a server', { timeout: 120_000 }, () => {
  test('starts one for the task, keeps its data, and leaves no process behind', async () => {
    const data = temporaryFolder()
    onTestFinished(data.remove)
    const env = { MANDATE_DATA: data.path, MANDATE_PORT: '0' }
    const first = await run(['run', 'write x to a.txt'], env)
    expect(first.exitCode).toBe(0)
    const url = /one was started at (http:\S+) for this task/u.exec(first.err)?.[1] ?? ''
    expect(first.out).toContain('Wrote 1 word to a.txt.')
    await expect(fetch(url)).rejects.toThrow()
    const second = await run(['run', 'say y'], env)
    expect(second.out).toMatch(/^task 2 say y/u)
    const server = await startServer(data.path)
    onTestFinished(async () => void (await server.stop()))
    const key = readFileSync(join(data.path, 'keys/local-admin-key'), 'utf8').trim()
    const listed = await run(['task', 'list'], { MANDATE_URL: server.url, MANDATE_KEY: key })
    expect(listed.out.split('\n')).toHaveLength(4)
    expect((await run(['task', 'list'], { MANDATE_URL: server.url, MANDATE_DATA: data.path })).exitCode).toBe(0)
  })

  test('finds the key of a server of this user from any folder', async () => {
    const data = temporaryFolder()
    const elsewhere = temporaryFolder()
    onTestFinished(data.remove)
    onTestFinished(elsewhere.remove)
    const server = await startServer(data.path, { MANDATE_ADMIN_KEY: '' })
    const list = () => run(['task', 'list', '--url', server.url], {}, elsewhere.path)
    expect((await list()).exitCode).toBe(0)
    await server.stop()
    // Whatever listens there next is not sent the key of a server that has ended.
    const next = await startServer(join(data.path, 'next'), { MANDATE_PORT: new URL(server.url).port })
    onTestFinished(async () => void (await next.stop()))
    expect((await list()).err).toContain('Give a key by --key or MANDATE_KEY.')
  })

  test('serves two that come at once by one server, which is gone after both', async () => {
    const data = temporaryFolder()
    onTestFinished(data.remove)
    const env = { MANDATE_DATA: data.path, MANDATE_PORT: '0' }
    const both = await Promise.all([run(['run', 'say one'], env), run(['run', 'say two'], env)])
    expect(both.map(({ exitCode, err }) => [exitCode, err.includes('mandate:')])).toEqual([
      [0, false],
      [0, false],
    ])
    const numbers = both.map(({ out }) => /^task (\d+)/u.exec(out)?.[1])
    expect(numbers.toSorted()).toEqual(['1', '2'])
    expect(existsSync(join(data.path, 'server.json'))).toBe(false)
    for (const { err } of both) await expect(fetch(serverIn(err))).rejects.toThrow()
  })

  test('lets one that joined go on to its end when the one that started the server has ended', async () => {
    const data = temporaryFolder()
    onTestFinished(data.remove)
    const env = { MANDATE_DATA: data.path, MANDATE_PORT: '0' }
    const first = start(['run', 'wait 600 seconds'], env)
    await first.printed('step 1')
    const second = start(['run', 'wait 600 seconds'], env)
    await second.printed('step 1')
    first.child.kill('SIGINT')
    expect((await first.ended).exitCode).toBe(130)
    // The first has ended for good; the server that it started still takes and ends a third.
    const third = await run(['run', 'say three'], env)
    expect([third.exitCode, third.err]).toEqual([0, expect.stringContaining('was started for another task')])
    second.child.kill('SIGINT')
    const { exitCode, out, err } = await second.ended
    expect([exitCode, out]).toEqual([130, expect.stringMatching(/\ncancelled {2}/u)])
    await expect(fetch(serverIn(err))).rejects.toThrow()
  })

  test('ends the server also when the command is killed; the task is taken up again by the next', async () => {
    const data = temporaryFolder()
    onTestFinished(data.remove)
    const env = { MANDATE_DATA: data.path, MANDATE_PORT: '0', MANDATE_SHUTDOWN_GRACE_SECONDS: '1' }
    const killed = start(['run', 'wait 600 seconds'], env)
    await killed.printed('step 1')
    const record = JSON.parse(readFileSync(join(data.path, 'server.json'), 'utf8')) as { url: string }
    killed.child.kill('SIGKILL')
    await until('the server to have ended', () =>
      fetch(record.url).then(
        () => false,
        () => !existsSync(join(data.path, 'server.json')),
      ),
    )
    const next = await run(['run', 'say next'], env)
    expect(next.err).toContain('1 unfinished run is taken up again.')
    expect([next.exitCode, next.out]).toEqual([0, expect.stringMatching(/^task 2 say next/u)])
  })

  test('says why none can be started, and what a command needs one for', async () => {
    const file = fileURLToPath(import.meta.url)
    const unwritable = await run(['run', 'say x'], { MANDATE_DATA: join(file, 'data'), MANDATE_PORT: '0' })
    expect(unwritable.err).toMatch(
      /^mandate: No server answers here, and none could be started: Mandate cannot start: /u,
    )
    expect(unwritable.exitCode).toBe(5)
    const detached = temporaryFolder()
    onTestFinished(detached.remove)
    const refused = await run(['run', '--detach', 'say x'], { MANDATE_DATA: detached.path, MANDATE_PORT: '0' })
    expect(refused.err).toMatch(/start it with ".*bin\/mandate\.mjs'? serve"/u)
    expect(refused.exitCode).toBe(5)
  })
})
