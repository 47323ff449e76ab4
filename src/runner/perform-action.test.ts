import { getEventListeners } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import { openAttempt } from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Delta } from '../live/live.ts'
import { type Tool, type ToolContext, ToolError, type Workspace } from '../tool/tool.ts'
import type { Attempt } from './attempt.ts'
import { performAction } from './perform-action.ts'

let world: EngineWorld
afterEach(() => world.close())

async function open(options: EngineWorldOptions = {}): Promise<Attempt> {
  world = await createEngineWorld(options)
  return openAttempt(world)
}

type Perform = Parameters<typeof createScriptedTool>[1]

function perform(attempt: Attempt, work: Perform, over: Partial<Tool> = {}) {
  return performAction(attempt, 1, 'action-1', createScriptedTool('note', work, over), { text: 'a' })
}

const never = () => new Promise<never>(() => undefined)

test('an action tells its output and how long it took', async () => {
  const attempt = await open()
  const done = await perform(attempt, () => {
    world.clock.advance(42)
    return 'noted'
  })
  expect(done).toEqual({ failed: false, output: 'noted', truncated: false, manifest: undefined, durationMs: 42 })
})

test('an error of the tool becomes what the model reads', async () => {
  const done = await perform(await open(), () => {
    throw new ToolError('not_found', 'There is no such file.')
  })
  const output = 'Error (not_found): There is no such file.'
  expect(done).toEqual({ failed: true, output, truncated: false, manifest: undefined, durationMs: 0 })
})

test('a defect of a tool is not told to the model', async () => {
  const attempt = await open()
  const broken = perform(attempt, () => {
    throw new TypeError('x is not a function')
  })
  await expect(broken).rejects.toThrow(TypeError)
})

test('a tool that ignores its signal is given up after its time', async () => {
  const attempt = await open()
  const contexts: ToolContext[] = []
  const done = perform(attempt, (_input, context) => {
    contexts.push(context)
    return never()
  })
  world.clock.advance(5_000)
  const output = 'Error (timeout): The tool note took longer than 5000 ms.'
  expect(await done).toMatchObject({ failed: true, output, durationMs: 5_000 })
  expect(contexts[0]?.signal.aborted).toBe(true)
})

test('an attempt that is aborted ends its action at once, with the reason of the attempt', async () => {
  const attempt = await open()
  const done = perform(attempt, never)
  attempt.control.abort('cancelled')
  await expect(done).rejects.toBe(attempt.control.signal.reason)
})

test('an attempt that is aborted before its action begins does not wait for it', async () => {
  const attempt = await open()
  attempt.control.abort('cancelled')
  await expect(perform(attempt, never)).rejects.toBe(attempt.control.signal.reason)
})

test('an action whose time is over in the moment in which its attempt is aborted has no result', async () => {
  const attempt = await open()
  const done = perform(attempt, never)
  world.clock.advance(5_000)
  attempt.control.abort('cancelled')
  await expect(done).rejects.toBe(attempt.control.signal.reason)
})

test('an action leaves no timer behind, and nothing that listens to its signal', async () => {
  const attempt = await open()
  const before = world.clock.waiting
  const signals: AbortSignal[] = []
  await perform(attempt, (_input, { signal }) => {
    signals.push(signal)
    return 'ok'
  })
  expect(world.clock.waiting).toBe(before)
  expect(signals.map((signal) => getEventListeners(signal, 'abort'))).toEqual([[]])
})

/** A workspace of which only the snapshot is taken. The first opening and the first snapshot fail with these. */
function failingWorkspaces(errors: { open?: Error | undefined; snapshot?: Error | undefined }) {
  const opened: unknown[] = []
  const failOnce = (what: 'open' | 'snapshot') => {
    const error = errors[what]
    errors[what] = undefined
    if (error !== undefined) throw error
  }
  const workspace = {
    async snapshot() {
      failOnce('snapshot')
      return 'sha256:new'
    },
  } as Partial<Workspace> as Workspace
  const open = async (...args: unknown[]) => {
    opened.push(args)
    failOnce('open')
    return workspace
  }
  return { workspaces: { open, addFiles: never, remove: never }, workspace, opened }
}

test('what a tool wrote is kept as a new manifest, of the workspace that it was given', async () => {
  const { workspaces, workspace, opened } = failingWorkspaces({})
  const attempt = await open({ workspaces })
  const given: Workspace[] = []
  const write: Tool['perform'] = async (_input, context) => {
    given.push(await context.workspace())
    return { output: 'written', wrote: true }
  }
  const done = await perform(attempt, never, { perform: write })
  expect(done).toMatchObject({ failed: false, output: 'written', manifest: 'sha256:new' })
  await perform(attempt, never, { perform: write })
  expect(given).toEqual([workspace, workspace])
  expect(opened).toEqual([[attempt.journal.snapshot.task.id, null]])
})

test('a workspace that could not be opened is opened anew at the next use', async () => {
  const { workspaces, opened } = failingWorkspaces({ open: new ToolError('workspace_full', 'It is full.') })
  const attempt = await open({ workspaces })
  const write: Tool['perform'] = async () => ({ output: 'written', wrote: true })
  expect(await perform(attempt, never, { perform: write })).toMatchObject({
    output: 'Error (workspace_full): It is full.',
  })
  expect(await perform(attempt, never, { perform: write })).toMatchObject({ manifest: 'sha256:new' })
  expect(opened).toHaveLength(2)
})

test.each(['open', 'snapshot'] as const)('a disk that fails at %s of a workspace is waited for', async (what) => {
  const failing = failingWorkspaces({ [what]: new Refusal('storage_unavailable', 'It is full.', { retryAfterMs: 7 }) })
  const attempt = await open({ workspaces: failing.workspaces })
  const before = world.clock.waiting
  const done = perform(attempt, never, { perform: async () => ({ output: 'written', wrote: true }) })
  await world.clock.until(() => world.clock.waiting === before + 2)
  world.clock.advance(7)
  expect(await done).toMatchObject({ failed: false, manifest: 'sha256:new', durationMs: 7 })
})

test('a long output is truncated at the edge of a character, and says so', async () => {
  const done = await perform(await open(), () => 'é'.repeat(10), { outputBytesMax: 5 })
  expect(done).toMatchObject({ failed: false, truncated: true })
  expect(done.output).toMatch(/^éé\n\[.*longer than 5 bytes\]$/u)
})

test('only the part of a character at the end is taken away, not one that stands for an unreadable one', async () => {
  const done = await perform(await open(), () => 'x\ufffdyé', { outputBytesMax: 6 })
  expect(done.output).toMatch(/^x\ufffdy\n\[/u)
})

test('an output of just the limit is whole', async () => {
  const done = await perform(await open(), () => 'é'.repeat(10), { outputBytesMax: 20 })
  expect(done).toMatchObject({ output: 'é'.repeat(10), truncated: false })
})

test('progress is published under its action, numbered and well formed', async () => {
  const attempt = await open()
  const published: Delta[] = []
  attempt.deps.live.listen(attempt.journal.snapshot.task.id, (delta) => published.push(delta))
  await perform(attempt, (_input, { progress }) => {
    progress('one')
    progress('two\ud800')
    return 'done'
  })
  expect(published.map(({ kind, action, index, text, snapshot }) => [kind, action, index, text, snapshot])).toEqual([
    ['action.progress', 'action-1', 0, 'one', false],
    ['action.progress', 'action-1', 1, 'two\ufffd', false],
  ])
})
