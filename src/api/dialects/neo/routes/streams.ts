import { Type } from 'typebox'
import { Refusal } from '../../../../domain/refusal.ts'
import { isTerminal } from '../../../../domain/run-state.ts'
import { readTaskFor } from '../../../../engine/access/read-task.ts'
import type { DialectApp, EdgeContext } from '../../../edge/define-dialect.ts'
import { eventStream } from '../../../edge/define-refusals.ts'
import { readTaskOrChatId } from '../chat-id.ts'
import { TaskParams } from '../contract/task.ts'
import { answers } from '../refusals.ts'
import { sendUiStream } from '../ui/send-ui-stream.ts'

const StreamParams = Type.Object({ id: Type.String(), stream_id: Type.String() })

const refusals = ['task_not_found', 'limit_exceeded'] as const

/** Adds the route that streams a run that was started before, from its beginning. */
export function addStreamRoutes(app: DialectApp, context: EdgeContext): void {
  const { deps, streams } = context
  const stream = { description: 'The run as a UI message stream, from its beginning.', content: eventStream }
  const nothing = { description: 'No run is under way: there is nothing to take up.' }
  app.get(
    '/api/v1/tasks/:id/stream',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Take up the run that is under way',
        params: TaskParams,
        response: answers({ 200: stream, 204: nothing }, refusals),
      },
    },
    async (request, reply) => {
      const snapshot = await readTaskFor(
        deps,
        request.principal,
        readTaskOrChatId(request.principal, request.params.id),
      )
      const { run } = snapshot
      if (isTerminal(run.state)) return reply.code(204).send()
      return sendUiStream(context, request, reply, {
        snapshot,
        run: run.id,
        after: 0,
        open: streams.open(request.principal),
      })
    },
  )
  app.get(
    '/api/v1/tasks/:id/streams/:stream_id',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Read the stream of a run, under way or ended',
        params: StreamParams,
        response: answers({ 200: stream }, refusals),
      },
    },
    async (request, reply) => {
      const { id, stream_id } = request.params
      const snapshot = await readTaskFor(deps, request.principal, readTaskOrChatId(request.principal, id))
      const run = await deps.store.readRun(stream_id.toLowerCase())
      if (run?.taskId !== snapshot.task.id) throw new Refusal('task_not_found', 'There is no such task.')
      return sendUiStream(context, request, reply, {
        snapshot,
        run: run.id,
        after: 0,
        open: streams.open(request.principal),
      })
    },
  )
}
