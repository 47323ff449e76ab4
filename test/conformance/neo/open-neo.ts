import type { EventKind } from '../../../src/domain/event.ts'
import { readJournal } from '../../../src/engine/queries/read-journal.ts'
import { type Caller, createWorld, type World, type WorldOptions } from '../../support/create-world.ts'

export type Neo = Awaited<ReturnType<typeof openNeo>>

export const anyUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u
export const anyInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u

/** A server in this process and somebody with a Neo key. */
export async function openNeo(options: WorldOptions = {}) {
  const world: World = await createWorld(options)
  const caller = await world.addCaller('operator', { dialect: 'neo' })
  const path = '/api/v1/tasks'
  const create = (body: unknown, headers: Readonly<Record<string, string>> = {}, by: Caller = caller) =>
    world.app.inject({ method: 'POST', url: path, headers: { ...by.headers, ...headers }, payload: body as object })
  /** Creates or continues a task; answers with what was acknowledged. */
  const submit = async (body: object, by: Caller = caller) => {
    const answer = await create({ ...body, response_format: 'json' }, {}, by)
    if (answer.statusCode !== 202) throw new Error(`${answer.statusCode} ${answer.body}`)
    return answer.json<{ id: string; status: string; stream_id: string; stream_url: string }>()
  }
  const get = (url: string, by: Caller = caller) => world.app.inject({ url, headers: by.headers })
  const read = async (id: string, by: Caller = caller) => (await get(`${path}/${id}`, by)).json()
  return {
    world,
    caller,
    create,
    submit,
    get,
    read,
    /** Resolves when the journal holds so many events of this kind. */
    async journaled(id: string, kind: EventKind, count = 1): Promise<void> {
      const { signal } = new AbortController()
      let left = count
      for await (const page of readJournal(world.deps, id, { after: 0, signal, follow: true })) {
        left -= page.filter((event) => event.kind === kind).length
        if (left <= 0) return
      }
    },
    /** The task once its latest run has ended. */
    async ended(id: string, by: Caller = caller) {
      await world.app.inject({ url: `/mandate/v1/tasks/${id}?wait=30`, headers: by.headers })
      return read(id, by)
    },
  }
}

/** The chunks of a stream; its last frame has to say that it is the last. */
export function chunksOf(body: string): { type: string; [name: string]: unknown }[] {
  const frames = body.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'))
  if (frames.pop() !== 'data: [DONE]') throw new Error(`The stream was cut: ${body.slice(-200)}`)
  return frames.map((frame) => JSON.parse(frame.slice('data: '.length)))
}

/** What the agent says in a stream. */
export function saidIn(body: string): string {
  return chunksOf(body)
    .filter(({ type }) => type === 'text-delta')
    .map(({ delta }) => String(delta))
    .join('')
}
