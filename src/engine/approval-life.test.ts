import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld, type EngineWorldOptions } from '../../test/support/create-engine-world.ts'
import type { ScriptedModels } from '../../test/support/scripted-models.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { testPolicy } from '../../test/support/test-policies.ts'
import type { EventOf, JournalEvent } from '../domain/event.ts'
import type { Principal } from '../domain/principal.ts'
import type { Prompt } from '../domain/prompt.ts'
import { textOfSealed } from '../proof/package/seal.ts'
import { verifyPackage } from '../proof/package/verify-package.ts'
import { openStatement } from '../proof/signed-statement.ts'
import { answerPrompt } from './commands/answer-prompt.ts'
import { cancelRun } from './commands/cancel-run.ts'
import { exportAudit } from './queries/export-audit.ts'

let world: EngineWorld
const sent: unknown[] = []
afterEach(async () => {
  sent.length = 0
  await world.close()
})

const strict = testPolicy({ name: 'strict', approvals: { categories: [], tools: ['mail'] } })
const mail = (text = 'a') => ({ tool: 'mail', input: { text } })
const mailTool = createScriptedTool('mail', (input) => {
  sent.push(input)
  return 'sent'
})

async function open(options: EngineWorldOptions = {}): Promise<void> {
  world = await createEngineWorld({
    steps: [{ text: 'I send', calls: [mail()] }, { text: 'done' }],
    tools: [mailTool],
    policies: [strict],
    ...options,
  })
  await world.deps.dispatcher.start()
}

async function asked(policy = 'strict') {
  const { task, run } = await world.submit({ policy })
  await world.event(task.id, 'run.waiting')
  await world.attemptEnded(run.id)
  const prompts = await world.store.listOpenPrompts(task.id)
  return { task, run, prompts }
}

const answer = (
  prompt: Prompt | undefined,
  outcome: 'approved' | 'denied',
  message?: string,
  principal: Principal = world.owner,
) => answerPrompt(world.deps, principal, prompt?.id, { outcome, message })
const ended = (taskId: string) =>
  Promise.race([
    world.event(taskId, 'run.succeeded'),
    world.event(taskId, 'run.blocked'),
    world.event(taskId, 'run.failed'),
  ])
const decisionsOf = (events: readonly JournalEvent[]) =>
  events.filter((event): event is EventOf<'action.decided'> => event.kind === 'action.decided')
const lastMessages = () => (world.deps.models as ScriptedModels).calls.at(-1)?.messages ?? []

async function verified(taskId: string) {
  const sealed = await exportAudit(world.deps, world.owner, taskId, { contents: true })
  const pinned = [world.deps.notary.keyring.current.keyId]
  return await verifyPackage(Buffer.from(textOfSealed(sealed)), { pinned })
}

test('an action that a person has to approve waits for it, and is performed once under a certificate that names the answer', async () => {
  await open()
  const { task, prompts } = await asked()
  expect(sent).toEqual([])
  expect(prompts).toMatchObject([{ kind: 'approval', tool: 'mail', state: 'open', onExpiry: 'deny' }])
  const payload = await world.store.readContents([prompts[0]?.payload ?? ''])
  expect(JSON.parse(String([...payload.values()][0]?.body))).toMatchObject({ tool: 'mail', arguments: '{"text":"a"}' })
  await answer(prompts[0], 'approved')
  await ended(task.id)
  expect(sent).toEqual([{ text: 'a' }])
  const events = await world.events(task.id)
  expect(decisionsOf(events).map(({ facts }) => facts.answer)).toEqual(['ask', 'allow'])
  const statements = await world.store.listStatements(task.id)
  expect(statements.map(({ kind }) => kind)).toEqual(['ask', 'answer', 'certificate', 'settlement'])
  const answered = statements[1]
  const certificate = openStatement(statements[2]?.envelope ?? '')
  expect(certificate).toMatchObject({ statement: { approval: answered?.digest } })
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('a denial gives the model the reason, and nothing is done', async () => {
  await open()
  const { task, prompts } = await asked()
  await answer(prompts[0], 'denied', 'not today')
  await ended(task.id)
  expect(sent).toEqual([])
  expect(lastMessages().at(-1)).toMatchObject({
    role: 'tool',
    failed: true,
    output: expect.stringContaining('not today'),
  })
  expect(decisionsOf(await world.events(task.id)).at(-1)?.facts).toMatchObject({
    answer: 'deny',
    rules: ['approval_denied'],
  })
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('a person approves what the tool gets: the arguments after redaction', async () => {
  const content = { personal_data: 'redact', secrets: 'allow', blocked_keywords: [] } as const
  const redacting = testPolicy({ ...strict.document, name: 'redacting', content })
  await open({
    policies: [redacting],
    steps: [{ text: 'I send', calls: [mail('call 536-22-8765')] }, { text: 'done' }],
  })
  const { task, prompts } = await asked('redacting')
  const payload = await world.store.readContents([prompts[0]?.payload ?? ''])
  expect(String([...payload.values()][0]?.body)).not.toContain('536-22-8765')
  await answer(prompts[0], 'approved')
  await ended(task.id)
  expect(sent).toHaveLength(1)
  expect(JSON.stringify(sent)).not.toContain('536-22-8765')
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('under four eyes whoever asked for it decides nothing, and somebody else does', async () => {
  const approvals = { ...strict.document.approvals, four_eyes: true }
  await open({ policies: [testPolicy({ ...strict.document, name: 'watched', approvals })] })
  const { task, prompts } = await asked('watched')
  await expect(answer(prompts[0], 'approved')).rejects.toMatchObject({ code: 'role_forbidden' })
  const alsoMine: Principal = { ...world.owner, role: 'approver' }
  await expect(answer(prompts[0], 'approved', undefined, alsoMine)).rejects.toMatchObject({ code: 'role_forbidden' })
  expect((await world.events(task.id)).filter(({ kind }) => kind === 'prompt.rejected')).toHaveLength(2)
  const admin: Principal = { ...world.owner, userId: 'admin-1', role: 'admin' }
  await answer(prompts[0], 'approved', undefined, admin)
  await ended(task.id)
  expect(sent).toEqual([{ text: 'a' }])
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('two answers race, and one wins', async () => {
  await open()
  const { task, prompts } = await asked()
  const tries = await Promise.allSettled([answer(prompts[0], 'approved'), answer(prompts[0], 'denied')])
  expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await ended(task.id)
  expect(sent.length).toBe(tries[0]?.status === 'fulfilled' ? 1 : 0)
})

test('an approval holds for the labels that it was given under: what is read since is asked about again', async () => {
  const reads = createScriptedTool('look', () => 'a file', { labels: ['secret'] })
  await open({
    tools: [mailTool, reads],
    steps: [{ text: 'both', calls: [mail(), { tool: 'look', input: { text: 'x' } }] }, { text: 'done' }],
  })
  const { task, prompts } = await asked()
  await answer(prompts[0], 'approved')
  await world.clock.until(() => sent.length > 0 || world.deps.attempts.controlOf(task.runId) === undefined)
  await expect.poll(async () => (await world.store.listOpenPrompts(task.id)).length).toBe(1)
  expect(sent).toEqual([])
  const [again] = await world.store.listOpenPrompts(task.id)
  expect(decisionsOf(await world.events(task.id)).map(({ facts }) => facts.rules.join())).toContain(
    'approval_required,approval_outdated',
  )
  await answer(again, 'approved')
  await ended(task.id)
  expect(sent).toEqual([{ text: 'a' }])
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('what nobody approves in time is denied', async () => {
  await open({ limits: { approval_hours: 1 } })
  const { task, prompts } = await asked()
  world.clock.advance(3_600_000)
  await expect(answer(prompts[0], 'approved')).rejects.toMatchObject({
    code: 'prompt_settled',
    settled: { state: 'expired' },
  })
  await ended(task.id)
  expect(sent).toEqual([])
  expect(decisionsOf(await world.events(task.id)).at(-1)?.facts.rules).toEqual(['approval_expired'])
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('nobody is asked to approve what the budget then denies', async () => {
  await open({ tools: [createScriptedTool('mail', () => 'sent', { costMicrosUsd: 10 ** 12 })] })
  const { task } = await world.submit({ policy: 'strict' })
  await ended(task.id)
  expect(decisionsOf(await world.events(task.id)).map(({ facts }) => facts.rules)).toEqual([['budget']])
})

test('a rule with @ask has a person asked, whether it permits or forbids', async () => {
  const cedar = `permit (principal, action, resource);
    @id("careful") @ask("it leaves the house") forbid (principal, action, resource) when { context.tool == "mail" };`
  await open({ policies: [testPolicy({ name: 'careful' }, cedar)] })
  const { task, prompts } = await asked('careful')
  await answer(prompts[0], 'approved')
  await ended(task.id)
  expect(sent).toHaveLength(1)
  expect(decisionsOf(await world.events(task.id))[0]?.facts.reason).toContain('it leaves the house')
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('a task that is cancelled while it waits does nothing, and its record verifies', async () => {
  await open()
  const { task, prompts } = await asked()
  await cancelRun(world.deps, world.owner, task.id)
  await expect(answer(prompts[0], 'approved')).rejects.toMatchObject({ settled: { state: 'withdrawn' } })
  expect(sent).toEqual([])
  expect(await verified(task.id)).toMatchObject({ verdict: 'valid' })
})

test('an approval that was given to one process is used by another, once', async () => {
  await open()
  const { task, prompts } = await asked()
  await world.stop()
  await answer(prompts[0], 'approved')
  const other = await createEngineWorld({ steps: [{ text: 'done' }], tools: [mailTool], beside: world })
  await other.deps.dispatcher.start()
  await other.event(task.id, 'run.succeeded')
  expect(sent).toEqual([{ text: 'a' }])
  await other.stop()
})
