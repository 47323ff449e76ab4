// A program: the control. Fastify and a Map; nothing outlives it.
import { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import Fastify, { type FastifyReply } from 'fastify'
import { newTaskAnswer, type TaskAnswer, tokensOf, waitSecondsOf } from './task-answer.ts'

/** The pace of the demonstration model. */
const tokensPerTurnOfLoop = 16

const key = process.env['BENCH_KEY'] ?? ''
const tasks = new Map<string, TaskAnswer>()
const ends = new EventEmitter<Record<string, [TaskAnswer]>>().setMaxListeners(0)
type Emit = (type: string, seq: number | undefined, data: object) => void

async function carryOut(task: TaskAnswer, input: string, emit: Emit): Promise<void> {
  await turn()
  task.state = 'running'
  task.started_at = new Date().toISOString()
  const run = 'run-of-control'
  emit('run.claimed', 4, { attempt: 1 })
  emit('step.started', 5, { step: 1, model: 'demo', provider: 'demo' })
  const tokens = tokensOf(input)
  for (const [index, text] of tokens.entries()) {
    emit('text.delta', undefined, { task: task.id, run, attempt: 1, step: 1, index, text, snapshot: false })
    if (index % tokensPerTurnOfLoop === tokensPerTurnOfLoop - 1) await turn()
  }
  task.result = tokens.join('')
  emit('model.responded', 6, { step: 1, finish: 'stop', usage: task['usage'], text: task.result })
  task.state = 'succeeded'
  task.ended_at = new Date().toISOString()
  emit('run.succeeded', 7, { result: task.result })
  ends.emit(task.id, task)
}

function ended(task: TaskAnswer, seconds: number): Promise<unknown> {
  if (task.state === 'succeeded' || seconds === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000)
    ends.once(task.id, () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}

function streamTo(reply: FastifyReply, task: TaskAnswer): Emit {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const run = (task['run'] as { id: string }).id
  const emit: Emit = (type, seq, facts) => {
    const at = new Date().toISOString()
    const data = seq === undefined ? { type, ...facts } : { seq, type, run, attempt: 1, at, data: facts }
    const id = seq === undefined ? '' : `id: ${seq}\n`
    reply.raw.write(`${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
    if (type === 'run.succeeded') reply.raw.end()
  }
  emit('task.submitted', 1, { owner: task['owner'], agent: task['agent_id'], title: task['title'], metadata: {} })
  emit('message.added', 2, { role: 'user', text: task['input'] })
  emit('run.queued', 3, { turn: 1, place: 'cloud:default', priority: 5, not_before: null })
  return emit
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
  void carryOut(task, input, streams ? streamTo(reply, task) : () => {})
  if (streams) return reply
  const seconds = waitSecondsOf(request.headers['prefer']?.toString())
  await ended(task, seconds)
  return reply.code(seconds > 0 ? 200 : 202).send(task)
})
app.get<{ Params: { id: string }; Querystring: { wait?: string } }>('/v1/tasks/:id', async (request, reply) => {
  const task = tasks.get(request.params.id)
  if (task === undefined) return reply.code(404).send({ code: 'task_not_found' })
  await ended(task, Number(request.query.wait ?? 0))
  return task
})

await app.listen({ port: 0, host: '127.0.0.1' })
console.log(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
process.on('SIGTERM', () => process.exit(0))
