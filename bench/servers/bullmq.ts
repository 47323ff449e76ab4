// A program: BullMQ behind Fastify. A submit is acknowledged when its job is in Redis, and with it on disk.
import type { AddressInfo } from 'node:net'
import { type Job, Queue, QueueEvents, Worker } from 'bullmq'
import Fastify from 'fastify'
import type { TaskView } from '../../src/api/native/contract/task.ts'
import { endedAnswer, newTaskAnswer, tokensOf, waitSecondsOf } from './task-answer.ts'

const key = process.env['BENCH_KEY'] ?? ''
const connection = { path: process.env['BENCH_REDIS_SOCKET'] ?? '', maxRetriesPerRequest: null }
const concurrency = 64

const queue = new Queue<TaskView>('tasks', { connection })
const events = new QueueEvents('tasks', { connection })
const worker = new Worker<TaskView>('tasks', async (job) => tokensOf(job.data.input ?? '').join(''), {
  connection,
  concurrency,
})
events.setMaxListeners(0)
await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()])

/** A job keeps the task as it was submitted; what became of it is in the job itself. */
async function atEnd(job: Job<TaskView>, seconds: number): Promise<TaskView> {
  if (seconds > 0) return endedAnswer(job.data, String(await job.waitUntilFinished(events, seconds * 1000)))
  return job.finishedOn === undefined ? job.data : endedAnswer(job.data, String(job.returnvalue))
}

let count = 0
const app = Fastify()
app.addHook('onRequest', async (request, reply) => {
  if (request.headers.authorization !== `Bearer ${key}`) return reply.code(401).send({ code: 'unauthenticated' })
})
const body = { type: 'object', required: ['input'], properties: { input: { type: 'string', maxLength: 100_000 } } }
app.post<{ Body: { input: string } }>('/v1/tasks', { schema: { body } }, async (request, reply) => {
  count += 1
  const task = newTaskAnswer(crypto.randomUUID(), count, request.body.input)
  const job = await queue.add('task', task, { jobId: task.id })
  const seconds = waitSecondsOf(request.headers['prefer']?.toString())
  return reply.code(seconds > 0 ? 200 : 202).send(await atEnd(job, seconds))
})
app.get<{ Params: { id: string }; Querystring: { wait?: string } }>('/v1/tasks/:id', async (request, reply) => {
  const job = await queue.getJob(request.params.id)
  if (job === undefined) return reply.code(404).send({ code: 'task_not_found' })
  return atEnd(job, Number(request.query.wait ?? 0))
})

await app.listen({ port: 0, host: '127.0.0.1' })
console.log(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
process.on('SIGTERM', () => process.exit(0))
