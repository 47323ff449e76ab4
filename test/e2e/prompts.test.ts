import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PromptPage, PromptView } from '../../src/api/native/contract/prompt.ts'
import type { TaskView } from '../../src/api/native/contract/task.ts'
import { type RunningServer, startServer, temporaryFolder, testAdminKey } from '../support/start-server.ts'
import { until } from '../support/until.ts'

const bin = fileURLToPath(new URL('../../bin/mandate.mjs', import.meta.url))
const api = '/mandate/v1'

let folder: ReturnType<typeof temporaryFolder>
let server: RunningServer
beforeEach(async () => {
  folder = temporaryFolder()
  server = await startServer(folder.path)
})
afterEach(async () => {
  await server.stop('SIGKILL')
  folder.remove()
})

async function read<View>(method: string, path: string, body?: unknown): Promise<View> {
  const response = await server.call(method, `${api}${path}`, body)
  const text = await response.text()
  expect(response.ok, text).toBe(true)
  return JSON.parse(text) as View
}

/** Submits a task that asks, and resolves with its prompts when it waits and holds no worker. */
async function asked(input: string): Promise<{ task: TaskView; prompts: readonly PromptView[] }> {
  const task = await read<TaskView>('POST', '/tasks', { input, ask_question: true })
  await until('the run to wait', async () => (await read<TaskView>('GET', `/tasks/${task.id}`)).state === 'waiting')
  const { prompts } = await read<PromptPage>('GET', `/tasks/${task.id}/prompts`)
  return { task, prompts }
}

async function killAndStart(): Promise<void> {
  await server.stop('SIGKILL')
  server = await startServer(folder.path)
}

async function mandate(...argv: string[]): Promise<{ exitCode: number | null; said: string }> {
  const env = { PATH: process.env['PATH'], MANDATE_URL: server.url, MANDATE_KEY: testAdminKey }
  const child = spawn(process.execPath, [bin, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exitCode, said }
}

const answerTo = (prompt: PromptView | undefined, answer: string) =>
  server.call('POST', `${api}/prompts/${prompt?.id}/answer`, { data: { answers: { answer } } })

/** The result of a task that has ended, and how often each kind of event stands in its journal. */
async function endOf(id: string) {
  const task = await read<TaskView>('GET', `/tasks/${id}?wait=30`)
  const { events } = await read<{ events: { type: string }[] }>('GET', `/tasks/${id}/events?limit=200`)
  const count = (type: string) => events.filter((event) => event.type === type).length
  return { state: task.state, result: task.result, count }
}

test('a question that was asked before a kill is answered over HTTP and on the command line after it', async () => {
  const { task, prompts } = await asked(
    'ask: Which color? [red|blue] and ask: Which number? then write {answer} to answer.txt then read answer.txt',
  )
  await killAndStart()
  expect((await read<TaskView>('GET', `/tasks/${task.id}`)).state).toBe('waiting')
  const [number, color] = prompts.toSorted((a) => (JSON.stringify(a.payload).includes('number') ? -1 : 1))
  expect((await read<PromptPage>('GET', '/prompts')).prompts.map(({ id }) => id).toSorted()).toEqual(
    prompts.map(({ id }) => id).toSorted(),
  )
  const overHttp = await answerTo(color, 'blue')
  expect([overHttp.status, await overHttp.json()]).toMatchObject([
    200,
    { task_state: 'waiting', open: [{ id: number?.id }] },
  ])
  await killAndStart()
  const inbox = await mandate('inbox')
  expect(inbox).toMatchObject({ exitCode: 0, said: expect.stringContaining(String(number?.id)) })
  const onCommandLine = await mandate('answer', String(task.number), 'forty', 'two')
  expect(onCommandLine).toMatchObject({ exitCode: 0, said: expect.stringMatching(/^answered; task 1 is /u) })
  const { state, result, count } = await endOf(task.id)
  expect(state).toBe('succeeded')
  expect(result).toContain('"Which color?" was answered: blue\n"Which number?" was answered: forty two\n')
  expect(result).toContain('answer.txt holds:\nblue, forty two')
  expect([count('prompt.opened'), count('prompt.answered'), count('run.succeeded')]).toEqual([2, 2, 1])
  const late = await mandate('answer', String(color?.id), 'red')
  expect(late).toMatchObject({ exitCode: 5, said: expect.stringContaining('settled already (answered: answered)') })
}, 60_000)

test('an answer that was acknowledged right before a kill is never lost, and acted on once', async () => {
  const waiting: Awaited<ReturnType<typeof asked>>[] = []
  for (let round = 0; round < 4; round += 1)
    waiting.push(await asked('ask: Which color? [red|blue] then say {answer} it is'))
  for (const [round, { task, prompts }] of waiting.entries()) {
    const color = round % 2 === 0 ? 'red' : 'blue'
    const response = await answerTo(prompts[0], color)
    expect(response.status).toBe(200) // The head of the response is enough: the answer is on disk.
    await killAndStart()
    const { state, result, count } = await endOf(task.id)
    expect([state, result]).toEqual(['succeeded', expect.stringContaining(`${color} it is`)])
    expect([count('prompt.answered'), count('action.settled'), count('run.succeeded')]).toEqual([1, 1, 1])
  }
}, 120_000)

test('a run that nobody watches at a terminal says how to answer, and ends by what another command answers', async () => {
  const env = { PATH: process.env['PATH'], MANDATE_URL: server.url, MANDATE_KEY: testAdminKey }
  const child = spawn(process.execPath, [bin, 'run', '--ask', 'ask: Which color? [red|blue] then say {answer} it is'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  await until('the run to say how to answer', () => out.includes('answer 1 <answer>\n'), 30_000)
  expect((await mandate('answer', '1', 'green')).exitCode).toBe(2)
  expect((await mandate('answer', '1', '2')).exitCode).toBe(0)
  expect(await ended).toBe(0)
  expect(out).toContain('\nblue it is\n')
}, 60_000)
