import { deserialize } from 'node:v8'
import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import type { Content } from '../../domain/content.ts'
import type { JournalEvent, NewEvent } from '../../domain/event.ts'
import { contentOf } from '../../proof/digests.ts'
import type { ProvenStatement } from '../../proof/package/build-package.ts'
import { append, putContents } from '../../store/commit.ts'
import { exportAudit } from './export-audit.ts'
import { gatherPackageParts } from './gather-package-parts.ts'

let world: EngineWorld
afterEach(() => world.close())

/** A world with a task that has ended and whose closing statement is in the log. */
async function openEnded(options: EngineWorldOptions = {}): Promise<string> {
  world = await createEngineWorld(options)
  await world.deps.dispatcher.start()
  const { task, run } = await world.submit()
  await world.attemptEnded(run.id)
  await exportAudit(world.deps, world.owner, task.id, { contents: true })
  return task.id
}

/** Adds messages of this text to the journal of a task, without a run. */
async function addMessages(taskId: string, count: number, text: string) {
  const contents = Array.from({ length: count }, () => contentOf(world.deps.randomness.newSalt(), text, 'text/plain'))
  const events = contents.map(({ digest }): NewEvent => {
    const envelope = { run: null, attempt: null, at: world.clock.now() }
    return { ...envelope, kind: 'message.added', facts: { role: 'user' }, contents: { message: digest } }
  })
  await world.store.commit({ write: [putContents(taskId, contents), append(taskId, events)] })
}

const flat = <Part>(pages: readonly Uint8Array[]) => pages.flatMap((page): Part[] => deserialize(page))

test('a long journal is gathered whole and in order, with each content that it names', async () => {
  const taskId = await openEnded()
  await addMessages(taskId, 450, 'more')
  const parts = await gatherPackageParts(world.deps, taskId, true)
  const events = flat<JournalEvent>(parts.events)
  expect(parts.events.length).toBeGreaterThan(2)
  expect(events).toEqual(await world.store.readEvents(taskId, 0, 1_000))
  const contents = flat<Content>(parts.contents)
  const named = new Set(events.flatMap((event) => Object.values(event.contents)))
  expect(new Set(contents.map(({ digest }) => digest))).toEqual(new Set(named))
  expect(parts).toMatchObject({ task: taskId, isPrivate: false, exportedAt: world.clock.now() })
})

test('without contents their digests and salts are gathered, and no body', async () => {
  const taskId = await openEnded()
  const [whole, without] = [
    await gatherPackageParts(world.deps, taskId, true),
    await gatherPackageParts(world.deps, taskId, false),
  ]
  const contents = flat<Content>(whole.contents)
  expect(contents.some(({ body }) => body.length > 0)).toBe(true)
  expect(flat<Content>(without.contents)).toEqual(contents.map((content) => ({ ...content, body: '' })))
  expect(without.isPrivate).toBe(true)
})

test('each statement of the task is in a log that a head covers', async () => {
  const taskId = await openEnded()
  const parts = await gatherPackageParts(world.deps, taskId, true)
  const statements = flat<ProvenStatement>(parts.statements)
  expect(statements.map(({ kind }) => kind)).toContain('closing')
  for (const { logId, leafIndex } of statements) {
    const head = parts.heads.find((one) => one.logId === logId)
    expect(head?.size).toBeGreaterThan(leafIndex)
  }
  expect(parts.policies.map(({ document }) => document.name)).toEqual(['default'])
})

test('a task without a closing statement is refused', async () => {
  world = await createEngineWorld()
  const { task } = await world.submit()
  await expect(gatherPackageParts(world.deps, task.id, true)).rejects.toMatchObject({ code: 'statement_not_found' })
})

test('what would be too large is refused before all of it is read, and fits without its contents', async () => {
  let read = 0
  const taskId = await openEnded({
    limits: { audit_bytes_max: 200_000 },
    wrapStore: (store) => ({
      ...store,
      async readContents(digests) {
        read += digests.length
        return store.readContents(digests)
      },
    }),
  })
  await addMessages(taskId, 100, 'x'.repeat(20_000))
  read = 0
  await expect(gatherPackageParts(world.deps, taskId, true)).rejects.toMatchObject({
    code: 'limit_exceeded',
    limit: 'audit_bytes_max',
  })
  expect(read).toBeLessThan(50)
  expect(flat<Content>((await gatherPackageParts(world.deps, taskId, false)).contents).length).toBeGreaterThan(100)
})
