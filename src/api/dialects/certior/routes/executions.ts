import type { FastifyContextConfig, FastifyReply } from 'fastify'
import { type Static, Type } from 'typebox'
import type { TaskSnapshot } from '../../../../domain/evolve.ts'
import type { Principal } from '../../../../domain/principal.ts'
import { isRefusal, Refusal } from '../../../../domain/refusal.ts'
import { type AccessedTask, accessedBy, readTaskFor } from '../../../../engine/access/read-task.ts'
import { cancelRun } from '../../../../engine/commands/cancel-run.ts'
import { listTasks } from '../../../../engine/queries/list-tasks.ts'
import { readAskingTask } from '../../../../engine/queries/read-open-prompts.ts'
import type { ServerDeps } from '../../../../engine/server-deps.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { json } from '../../../edge/define-refusals.ts'
import {
  ExecutionParams,
  ExecutionSchema,
  ExecutionSummarySchema,
  KeyQuerySchema,
  keyInQuery,
} from '../contract/execution.ts'
import { CancelResponseSchema } from '../contract/task-response.ts'
import { presentPendingPrompts } from '../pending-prompts.ts'
import { readExecution, readSummary } from '../present.ts'
import { answers } from '../refusals.ts'
import { askedStatuses, statesOf, statusOf } from '../states.ts'
import { executionIdOf, taskIdOf } from '../values.ts'
import { socketPath, ticketPath, websocketUrlOf } from '../websocket-url.ts'
import { executionSocket } from './execution-socket.ts'

const ListQuerySchema = Type.Object({
  ...keyInQuery,
  status: Type.Optional(Type.String({ description: `One of: ${askedStatuses.join(', ')}.` })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
})
const TicketParams = Type.Object({
  ticket: Type.String({ description: 'From a `websocket_url`; good for some minutes.' }),
  ...ExecutionParams.properties,
})
const listLimitDefault = 20
const config = { queryKey: true }

/**
 * Adds the routes that read, list, cancel and watch executions. These are the caller's tasks, whatever dialect they
 * came through.
 */
export function addExecutionRoutes(app: DialectApp, context: EdgeContext): void {
  const { deps } = context
  const listed = {
    summary: 'List executions, newest first',
    querystring: ListQuerySchema,
    response: answers({ 200: json('Executions.', Type.Array(ExecutionSummarySchema)) }, ['invalid_input']),
  }
  app.get('/api/v1/executions', { schema: listed, config }, async (request, reply) => {
    const snapshots = await listSnapshots(deps, request.principal, request.query)
    const read = (snapshot: AccessedTask) =>
      readSummary(deps.store, snapshot, websocketUrlOf(context, request, snapshot.task.id))
    return forbidCaching(reply).send(await Promise.all(snapshots.map(read)))
  })

  const one = { params: ExecutionParams, querystring: KeyQuerySchema }
  const read = {
    ...one,
    summary: 'Read an execution: its tool calls with their verdicts, its certificates, its output',
    response: answers({ 200: json('The execution.', ExecutionSchema) }, ['task_not_found']),
  }
  app.get('/api/v1/executions/:id', { schema: read, config }, async (request, reply) => {
    const { principal, params } = request
    const { snapshot, open } = await readAskingTask(deps, () => readTaskFor(deps, principal, taskIdOf(params.id)))
    const url = websocketUrlOf(context, request, snapshot.task.id)
    const pending = presentPendingPrompts(context, open)
    return forbidCaching(reply).send(await readExecution(deps.store, snapshot, url, pending))
  })

  const cancelled = {
    ...one,
    summary: 'Cancel an execution that has not ended; one that has is left as it is',
    response: answers({ 200: json('How the execution stands now.', CancelResponseSchema) }, [
      'task_not_found',
      'role_forbidden',
      'task_busy',
      'overloaded',
    ]),
  }
  app.delete('/api/v1/executions/:id', { schema: cancelled, config }, async ({ params, principal }) => {
    const found = await readTaskFor(deps, principal, taskIdOf(params.id))
    const { task, run } = await cancelUnlessEnded(deps, principal, found.task.id)
    return { execution_id: executionIdOf(task.id), status: statusOf(run.state) }
  })
  addSocketRoutes(app, context)
}

/** Forbids caches to store an answer, because its address holds a ticket. */
function forbidCaching(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store')
}

async function listSnapshots(
  deps: ServerDeps,
  principal: Principal,
  { status, limit = listLimitDefault }: Static<typeof ListQuerySchema>,
): Promise<AccessedTask[]> {
  const states = status === undefined ? undefined : statesOf(status)
  if (status !== undefined && states === undefined) {
    const shown = JSON.stringify(status.slice(0, 80))
    const message = `There is no status ${shown}. Give one of: ${askedStatuses.join(', ')}.`
    throw new Refusal('malformed_request', message)
  }
  const tasks = await listTasks(deps, principal, states === undefined ? {} : { states }, { limit })
  const snapshots = await Promise.all(tasks.map(({ id }) => deps.store.readSnapshot(id)))
  return snapshots.flatMap((snapshot) => (snapshot && accessedBy(principal, snapshot)) ?? [])
}

async function cancelUnlessEnded(deps: ServerDeps, principal: Principal, taskId: string): Promise<TaskSnapshot> {
  try {
    return await cancelRun(deps, principal, taskId)
  } catch (error) {
    if (!isRefusal(error, 'run_settled')) throw error
    return readTaskFor(deps, principal, taskId)
  }
}

function addSocketRoutes(app: DialectApp, context: EdgeContext): void {
  const add = (url: string, schema: object, config: FastifyContextConfig) =>
    app.route({
      method: 'GET',
      url,
      // OpenAPI cannot describe a socket: a generated client would offer a request that is always refused.
      schema: { hide: true, querystring: KeyQuerySchema, ...schema },
      config: { queryKey: true, socket: true, ...config },
      ...context.sockets.options(app, executionSocket(context, url)),
      handler: async () => {
        throw new Refusal('malformed_request', 'This is a WebSocket: open it with ws:// or wss://.')
      },
    })
  add(`${socketPath}/:id`, { params: ExecutionParams }, {})
  add(
    `${ticketPath}/:ticket${socketPath}/:id`,
    { params: TicketParams },
    {
      ticket(params) {
        const { ticket, id } = params as Static<typeof TicketParams>
        return { ticket, taskId: taskIdOf(id) }
      },
    },
  )
}
