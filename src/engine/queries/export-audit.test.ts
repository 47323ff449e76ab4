import { afterEach, expect, test } from 'vitest'
import {
  createEngineWorld,
  type EngineWorld,
  type EngineWorldOptions,
} from '../../../test/support/create-engine-world.ts'
import { createScriptedTool } from '../../../test/support/scripted-tool.ts'
import { testPolicy } from '../../../test/support/test-policies.ts'
import type { Principal } from '../../domain/principal.ts'
import { textOfSealed } from '../../proof/package/seal.ts'
import { type PackageSummary, verifyPackage } from '../../proof/package/verify-package.ts'
import { addMessage } from '../commands/add-message.ts'
import { answerPrompt } from '../commands/answer-prompt.ts'
import { cancelRun } from '../commands/cancel-run.ts'
import { purgeTask } from '../commands/purge-task.ts'
import { rotateSigningKey } from '../commands/rotate-signing-key.ts'
import type { SubmitTask } from '../commands/submit-task.ts'
import { exportAudit } from './export-audit.ts'

let world: EngineWorld
let admin: Principal
afterEach(() => world.close())

async function open(options: EngineWorldOptions = {}) {
  world = await createEngineWorld(options)
  admin = { ...world.owner, userId: 'admin-1', role: 'admin' }
  await world.deps.dispatcher.start()
}

async function runToEnd(over: Partial<SubmitTask> = {}) {
  const { task, run } = await world.submit(over)
  await world.attemptEnded(run.id)
  return task.id
}

const exported = async (taskId: string, contents = true) =>
  textOfSealed(await exportAudit(world.deps, world.owner, taskId, { contents }))

/** What a stranger says who has the file and the key's id. */
async function verified(text: string): Promise<PackageSummary> {
  const pinned = [world.deps.notary.keyring.current.keyId]
  const verification = await verifyPackage(Buffer.from(text), { pinned })
  if (verification.verdict !== 'valid') throw new Error(JSON.stringify(verification))
  return verification.summary
}

const strict = testPolicy({ name: 'strict', approvals: { categories: [], tools: ['mail'] } })
const withActions: EngineWorldOptions = {
  policies: [strict],
  steps: [
    { text: 'I note', calls: [{ tool: 'note', input: { text: 'the-needle' } }] },
    { text: 'I send', calls: [{ tool: 'mail', input: { text: 'the-needle' } }] },
    { text: 'done' },
  ],
  tools: [createScriptedTool('note', () => 'noted'), createScriptedTool('mail', () => 'sent')],
}

/** Denies what the run asks a person about, and resolves when it has ended. */
async function denyAll(taskId: string) {
  for (const { id } of await world.store.listOpenPrompts(taskId)) {
    await answerPrompt(world.deps, world.owner, id, { outcome: 'denied' })
  }
  await world.event(taskId, 'run.blocked')
}

test('a task with allowed and denied actions is exported as a stranger can verify it, right after its end', async () => {
  await open(withActions)
  const taskId = await runToEnd({ policy: 'strict' })
  await denyAll(taskId)
  const text = await exported(taskId)
  expect(text).toContain('the-needle')
  const summary = await verified(text)
  expect(summary).toMatchObject({ task: taskId, runs: [{ turn: 1, outcome: 'blocked', policy: 'strict' }] })
  expect(summary.statements).toMatchObject({ certificate: 1, ask: 1, answer: 1, refusal: 1, settlement: 1, closing: 1 })
  expect(summary.contents).toMatchObject({ purged: 0, private: 0 })
})

test('every run is in it, also those under other keys and policies', async () => {
  await open(withActions)
  const taskId = await runToEnd()
  await exported(taskId)
  await rotateSigningKey(world.deps, admin)
  const { run } = await addMessage(world.deps, world.owner, taskId, {
    input: { text: 'again' },
    policy: 'strict',
  })
  await world.attemptEnded(run.id)
  const summary = await verified(await exported(taskId))
  expect(summary.runs.map(({ policy }) => policy)).toEqual(['default', 'strict'])
  expect(summary.signers).toHaveLength(2)
  expect(summary.statements).toMatchObject({ closing: 2, rotation: 1 })
})

test('without contents their digests are in it, and it verifies', async () => {
  await open(withActions)
  const taskId = await runToEnd()
  const text = await exported(taskId, false)
  expect(text).not.toContain('the-needle')
  const summary = await verified(text)
  expect(summary.contents).toMatchObject({ present: 0, purged: 0 })
  expect(summary.contents.private).toBeGreaterThan(0)
})

test('after a purge it verifies still, and says what is gone', async () => {
  await open(withActions)
  const taskId = await runToEnd({ title: 'the-needle in the title', metadata: { k: 'the-needle' } })
  await purgeTask(world.deps, world.owner, taskId)
  const text = await exported(taskId)
  expect(text).not.toContain('the-needle')
  const summary = await verified(text)
  expect(summary.contents).toMatchObject({ present: 0, private: 0 })
})

test('a sealed message travels as its bytes', async () => {
  await open()
  const sealed = Buffer.from([1, 2, 3, 250])
  const { task } = await world.submit({
    input: { sealed, mediaType: 'application/octet-stream' },
    notBefore: world.clock.now() + 1_000,
  })
  await cancelRun(world.deps, world.owner, task.id)
  const text = await exported(task.id)
  expect(text).toContain(sealed.toString('base64'))
  await verified(text)
})

test('it is refused while a run has not ended, and to whoever may not read the task', async () => {
  await open()
  const { task } = await world.submit({ notBefore: world.clock.now() + 1_000 })
  await expect(exported(task.id)).rejects.toMatchObject({ code: 'task_busy' })
  const stranger = { ...world.owner, userId: 'user-2' }
  const asked = exportAudit(world.deps, stranger, task.id, { contents: true })
  await expect(asked).rejects.toMatchObject({ code: 'task_not_found' })
})

test('one that would be too large is refused by the name of the limit, and may be had without contents', async () => {
  await open({ limits: { audit_bytes_max: 60_000 } })
  const taskId = await runToEnd({ input: { text: 'x'.repeat(60_000) } })
  await expect(exported(taskId)).rejects.toMatchObject({ code: 'limit_exceeded', limit: 'audit_bytes_max' })
  await verified(await exported(taskId, false))
})
