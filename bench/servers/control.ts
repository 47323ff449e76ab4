// A program: the control. Fastify and a Map; nothing outlives it.
import { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import Fastify, { type FastifyReply } from 'fastify'
import type { TaskView } from '../../src/api/native/contract/task.ts'
import { endedAnswer, newTaskAnswer, tokensOf, waitSecondsOf } from './task-answer.ts'

/** The pace of the demonstration model. */
const tokensPerTurnOfLoop = 16

const key = process.env['BENCH_KEY'] ?? ''
const tasks = new Map<string, TaskView>()
const ends = new EventEmitter<Record<string, []>>().setMaxListeners(0)

interface Frames {
  event(type: string, seq: number, data: object): void
  delta(index: number, text: string): void
}
const nobody: Frames = { event() {}, delta() {} }

async function carryOut(task: TaskView, input: string, frames: Frames): Promise<void> {
  await turn()
  const running = { state: 'running', started_at: new Date().toISOString() } as const
  tasks.set(task.id, { ...task, ...running, run: { ...task.run, ...running } })
  frames.event('run.claimed', 4, { attempt: 1 })
  frames.event('step.started', 5, { step: 1, model: 'demo', provider: 'demo' })
  const tokens = tokensOf(input)
  for (const [index, text] of tokens.entries()) {
    frames.delta(index, text)
    if (index % tokensPerTurnOfLoop === tokensPerTurnOfLoop - 1) await turn()
  }
  const result = tokens.join('')
  const said = { text: result, reasoning: null, finish: 'stop', usage: task.usage, cost_micros_usd: 0, calls: 0 }
  frames.event('model.responded', 6, { step: 1, ...said })
  tasks.set(task.id, endedAnswer(task, result))
  frames.event('run.succeeded', 7, { result })
  ends.emit(task.id)
}

/** The task once it has ended, or as it is after so many seconds. */
function atEnd(id: string, seconds: number): TaskView | undefined | Promise<TaskView | undefined> {
  const task = tasks.get(id)
  if (task === undefined || task.state === 'succeeded' || seconds === 0) return task
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      ends.off(id, end)
      resolve(tasks.get(id))
    }
    const timer = setTimeout(end, seconds * 1000)
    ends.on(id, end)
  })
}

function streamTo(reply: FastifyReply, task: TaskView): Frames {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const run = task.run.id
  const frames: Frames = {
    event(type, seq, data) {
      const event = { seq, type, run, attempt: 1, at: new Date().toISOString(), data }
      reply.raw.write(`id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`)
      if (type === 'run.succeeded') reply.raw.end()
    },
    delta(index, text) {
      const delta = { run, attempt: 1, step: 1, index, text, snapshot: false }
      reply.raw.write(`event: text.delta\ndata: ${JSON.stringify(delta)}\n\n`)
    },
  }
  const { owner, agent_id: agent, title, dialect, visibility, metadata } = task
  const { place, priority, not_before } = task.run
  frames.event('task.submitted', 1, { owner, team: null, agent, dialect, visibility, title, root: task.id, metadata })
  frames.event('message.added', 2, { role: 'user', message: task.input })
  frames.event('run.queued', 3, { turn: 1, place, priority, not_before, config: task.run })
  return frames
}

const app = Fastify()
app.addHook('onRequest', async (request, reply) => {
  if (request.headers.authorization !== `Bearer ${key}`) return reply.code(401).send({ code: 'unauthenticated' })
})
const body = { type: 'object', required: ['input'], properties: { input: { type: 'string', maxLength: 100_000 } } }
app.post<{ Body: { input: string } }>('/v1/tasks', { schema: { body } }, async (request, reply) => {
  const { input } = request.body
  const task = newTaskAnswer(crypto.randomUUID(), tasks.size + 1, input)
  tasks.set(task.id, task)
  const streams = request.headers.accept === 'text/event-stream'
  void carryOut(task, input, streams ? streamTo(reply, task) : nobody)
  if (streams) return reply
  const seconds = waitSecondsOf(request.headers['prefer']?.toString())
  return reply.code(seconds > 0 ? 200 : 202).send(await atEnd(task.id, seconds))
})
app.get<{ Params: { id: string }; Querystring: { wait?: string } }>('/v1/tasks/:id', async (request, reply) => {
  const task = await atEnd(request.params.id, Number(request.query.wait ?? 0))
  return task ?? reply.code(404).send({ code: 'task_not_found' })
})

await app.listen({ port: 0, host: '127.0.0.1' })
console.log(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
process.on('SIGTERM', () => process.exit(0))
