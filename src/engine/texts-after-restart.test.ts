import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { temporaryFolder } from '../../test/support/start-server.ts'
import type { JsonValue } from '../domain/json.ts'
import { createSqliteStore } from '../store/sqlite/create-sqlite-store.ts'
import type { Store } from '../store/store.ts'

const folder = temporaryFolder()
const path = join(folder.path, 'mandate.sqlite')
const openStore = () => createSqliteStore({ path, commitsWaitingMax: 100, durability: 'none' })

let world: EngineWorld | undefined
let reopened: Store | undefined
afterEach(async () => {
  await world?.close()
  await reopened?.close()
  folder.remove()
})

/** All that a reader can be told of a task. */
async function readAll(store: Store, taskId: string) {
  const events = await store.readEvents(taskId, 0, 100)
  const digests = events.flatMap(({ contents }) => Object.values(contents))
  const contents = await store.readContents(digests)
  const snapshot = await store.readSnapshot(taskId)
  return { events, contents: digests.map((digest) => contents.get(digest)), snapshot }
}

const halves = ['\ud800', '\udfff', '\ude00\ud83d']
const input: JsonValue = { text: 'half \ud800', more: { 'a\udfff': ['\ud83d'] } }
const given: JsonValue[] = []

test('what a model and a tool say is the same before and after a restart, whatever halves of characters are in it', async () => {
  const store = await openStore()
  const tool = createScriptedTool(
    'echo',
    (heard, context) => {
      given.push(heard)
      context.progress('\ud800')
      return `result ${halves.join()}`
    },
    { inputSchema: { type: 'object' } },
  )
  const messages: JsonValue = [{ role: 'assistant', content: [{ type: 'text', text: `said ${halves.join()}` }] }]
  const call = { tool: 'echo', input }
  const opened = await createEngineWorld({
    tools: [tool],
    steps: [
      { text: `said ${halves.join()}`, reasoning: `thought ${halves.join()}`, calls: [call], messages },
      { text: `done ${halves.join()}` },
    ],
    wrapStore: (temporary) => ({
      ...store,
      async close() {
        await temporary.close()
        await store.close()
      },
    }),
  })
  world = opened
  const { task, run } = await opened.submit()
  await opened.deps.dispatcher.start()
  await opened.attemptEnded(run.id)
  const before = await readAll(opened.store, task.id)
  expect(before.snapshot?.run.state).toBe('succeeded')
  expect(JSON.stringify(before)).not.toMatch(/\\ud[89a-f]/u)
  expect(given).toEqual([{ text: 'half \ufffd', more: { 'a\ufffd': ['\ufffd'] } }])
  await opened.close()
  world = undefined
  reopened = await openStore()
  expect(await readAll(reopened, task.id)).toEqual(before)
})

test('arguments that are nested too deep reach no tool, and the model is told so', async () => {
  let called = 0
  const count = () => {
    called += 1
    return 'counted'
  }
  const tool = createScriptedTool('count', count, { inputSchema: { type: 'object' } })
  const deep = (levels: number): JsonValue => (levels === 1 ? {} : { a: deep(levels - 1) })
  const calls = [deep(64), deep(65)].map((nested) => ({ tool: 'count', input: nested }))
  world = await createEngineWorld({ tools: [tool], steps: [{ calls }, { text: 'done' }] })
  const { task, run } = await world.submit()
  await world.deps.dispatcher.start()
  await world.attemptEnded(run.id)
  expect(called).toBe(1)
  const settled = (await world.events(task.id)).filter((event) => event.kind === 'action.settled')
  expect(settled.map(({ facts }) => facts.outcome)).toEqual(['settled', 'failed'])
  const digest = settled[1]?.contents['result'] ?? ''
  const told = (await world.store.readContents([digest])).get(digest)?.body
  expect(told).toContain('json_depth_max')
})
