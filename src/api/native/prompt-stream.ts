import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../domain/principal.ts'
import type { PromptKind } from '../../domain/prompt.ts'
import { Refusal } from '../../domain/refusal.ts'
import { type InboxChange, listInboxChanges } from '../../engine/queries/list-prompts.ts'
import { takeTurn } from '../../engine/queries/take-turn.ts'
import { waitForPrompt } from '../../engine/queries/wait-for-prompt.ts'
import { sendEventStream } from '../edge/send-event-stream.ts'
import { deltaFrame, eventFrame, retryFrame } from '../stream/sse-frame.ts'
import { drainedOrAborted, keepBeating, type StreamSink } from '../stream/stream-sink.ts'
import type { ProblemMessage } from './contract/delta.ts'
import type { PromptQuery } from './contract/prompt.ts'
import type { NativeContext } from './native-context.ts'
import { promptViews } from './present-prompt.ts'
import { problemOf } from './problem-of.ts'

/** The changes whose contents are held in memory at once for one reader. */
const chunkSize = 16
const waitMs = 60_000

interface PromptStreamRequest {
  readonly principal: Principal
  /** The last change that the reader has; 0 for none. */
  readonly after: number
  readonly kind: PromptKind | undefined
  readonly signal: AbortSignal
}

/**
 * Streams the changes of the caller's inbox as server-sent events: `prompt.opened` and `prompt.settled`, each change once
 * and in order, under the number from which a reader resumes. It ends when the caller may read no longer, has disconnected,
 * or the server stops. Refuses `invalid_input` before the headers are sent.
 */
export async function sendPromptStream(
  context: NativeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  query: PromptQuery,
): Promise<FastifyReply> {
  const { deps } = context
  const { principal } = request
  refusePaging(query)
  const after = seenBefore(request.headers['last-event-id'], query)
  const open = context.streams.open(principal)
  return sendEventStream(deps.log, request, reply, {
    open,
    async openJournal() {
      await checkSeen(context, after)
      const { kind } = query
      const streamed = { principal, after, kind, signal: open.signal }
      return { first: retryFrame, journal: { run: (sink) => writeChanges(context, streamed, sink) } }
    },
    lastFrame(revoked) {
      const { type, data }: ProblemMessage = { type: 'problem', data: problemOf(revoked) }
      return deltaFrame(type, JSON.stringify(data))
    },
  })
}

async function writeChanges(
  { deps }: NativeContext,
  { principal, after, kind, signal }: PromptStreamRequest,
  sink: StreamSink,
): Promise<void> {
  const stopBeating = keepBeating(deps.clock, sink)
  let last = after
  try {
    while (!signal.aborted) {
      const newest = await deps.store.lastPromptChange() // before the reading, which sees all changes up to it
      const page = await listInboxChanges(deps, principal, last, chunkSize)
      if (signal.aborted) break
      if (page.last === last) {
        // What others were asked meanwhile is not looked at again.
        last = Math.max(last, newest)
        const isBehind = async () => (await deps.store.lastPromptChange()) > last
        await waitForPrompt(deps, waitMs, signal, isBehind)
        continue
      }
      last = page.last
      const frames = await framesOf(
        deps,
        principal,
        page.changes.filter(({ prompt }) => kind === undefined || prompt.kind === kind),
      )
      if (signal.aborted) break
      for (const frame of frames) sink.write(frame)
      if (sink.waitingBytes > deps.limits.stream_buffer_bytes_max) await drainedOrAborted(sink, signal)
      await takeTurn()
    }
  } finally {
    stopBeating()
  }
  sink.end('at_once')
}

async function framesOf(
  deps: NativeContext['deps'],
  principal: Principal,
  changes: readonly InboxChange[],
): Promise<string[]> {
  const views = await promptViews(deps, principal, changes)
  return changes.map(({ change, opened }, at) =>
    eventFrame(change, opened ? 'prompt.opened' : 'prompt.settled', JSON.stringify(views[at])),
  )
}

/**
 * Reads the number of the last change that a reader has. `Last-Event-ID`, which a browser sends by itself when it
 * reconnects, takes precedence over `after`.
 */
function seenBefore(lastEventId: string | string[] | undefined, { after = 0 }: PromptQuery): number {
  if (lastEventId === undefined || lastEventId === '') return after
  const text = String(lastEventId)
  if (/^\d{1,15}$/u.test(text)) return Number(text)
  throw invalid('Last-Event-ID', 'must be the id of a change')
}

/** Refuses a reader that claims to have changes that do not exist, because it would miss those to come. */
async function checkSeen({ deps }: NativeContext, after: number): Promise<void> {
  const last = await deps.store.lastPromptChange()
  if (after > last) throw invalid('after', `must be at most ${last}, the last change`)
}

/** A stream has neither pages nor an end to wait for. */
function refusePaging(query: PromptQuery): void {
  for (const field of ['cursor', 'limit', 'wait'] as const) {
    if (query[field] !== undefined) throw invalid(field, 'is for pages: a stream has none')
  }
}

function invalid(field: string, message: string): Refusal {
  return new Refusal('invalid_input', `${field} ${message}.`, { fields: [{ field, message }] })
}
