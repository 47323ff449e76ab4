import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { createFakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import type { Digest } from '../../src/domain/content.ts'
import type { JournalEvent } from '../../src/domain/event.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import type { Principal } from '../../src/domain/principal.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { addMessage } from '../../src/engine/commands/add-message.ts'
import { answerPrompt } from '../../src/engine/commands/answer-prompt.ts'
import { cancelRun } from '../../src/engine/commands/cancel-run.ts'
import { purgeTask } from '../../src/engine/commands/purge-task.ts'
import { resumeRun } from '../../src/engine/commands/resume-run.ts'
import { revokeCertificate } from '../../src/engine/commands/revoke-certificate.ts'
import { rotateSigningKey, stateRotation } from '../../src/engine/commands/rotate-signing-key.ts'
import { stopRun } from '../../src/engine/commands/stop-run.ts'
import { openLog } from '../../src/engine/services/open-log.ts'
import { createPromptTimekeeper } from '../../src/engine/services/prompt-timekeeper.ts'
import { createRunCloser } from '../../src/engine/services/run-closer.ts'
import { rescueRuns } from '../../src/engine/services/run-rescuer.ts'
import { createRunTimekeeper } from '../../src/engine/services/run-timekeeper.ts'
import { parentOf } from '../../src/engine/submission/parent-task.ts'
import type { Commit } from '../../src/store/commit.ts'
import type { Store } from '../../src/store/store.ts'
import { createAuditModels, createAuditTools } from './audit-models.ts'
import { createEngineWorld, type EngineWorld } from './create-engine-world.ts'
import { createMortalStore } from './mortal-store.ts'
import { createSeededRandom, type SeededRandom } from './seeded-random.ts'
import { endAll, markedRandomness, nextId, type SimulatedProcess } from './simulated-process.ts'
import { started } from './started.ts'
import { testPolicy } from './test-policies.ts'
import { createTestSigningKeys } from './test-signing-keys.ts'

/** Everything that a policy can say, so that everything is in the record that a guard can answer. */
const watchful = testPolicy({
  name: 'watchful',
  content: { personal_data: 'redact', secrets: 'block', blocked_keywords: ['unreleased earnings'] },
  labels_of_findings: { personal_data: ['phi'], keyword: ['mnpi'] },
  closed_sinks: { phi: ['network'], mnpi: ['*'], closed: ['*'] },
  approvals: { categories: ['data_export'], tools: [] },
  proofs: ['no_phi_external_flow', 'minimum_necessary_access', 'authorized_user_only', 'no_mnpi_leak'],
})
const strict = testPolicy({
  ...watchful.document,
  name: 'strict',
  content: { ...watchful.document.content, personal_data: 'block' },
  forbidden: ['test:send'],
  denial_is_final: true,
})

/** One process of a server, which can be killed. */
interface Process extends SimulatedProcess {
  readonly admin: Principal
  readonly services: readonly (() => Promise<void>)[]
  kill(): void
}

export interface AuditSimulation {
  /** The last process, which has nothing left to do. */
  readonly world: EngineWorld
  readonly store: Store
  readonly taskIds: readonly string[]
  /** What tools were given without a certificate for it on disk. */
  readonly uncertified: readonly JsonObject[]
  /** What no process should ever report. */
  readonly errors: readonly unknown[]
  close(): Promise<void>
}

/**
 * Lives through `moves` random moves: tasks under several policies with sub-tasks and further runs, stops, cancels, revoked
 * certificates, purges, new keys, new logs, kills; then lets everything end and be closed.
 */
export async function simulateAudits(seed: number, moves: number): Promise<AuditSimulation> {
  const random = createSeededRandom(seed)
  const clock = createFakeClock()
  const signingKeys = createTestSigningKeys()
  const errors: unknown[] = []
  const taskIds: string[] = []
  const uncertified: JsonObject[] = []
  const checks: Promise<void>[] = []
  let raw: Store | undefined
  let processes = 0
  const begin = async (): Promise<Process> => {
    processes += 1
    const mark = `p${processes}`
    let mortal: ReturnType<typeof createMortalStore> | undefined
    const world = await createEngineWorld({
      models: createAuditModels(random, clock, mark),
      tools: createAuditTools(random, clock, (input) => {
        const check = isCertified(raw, taskIds, input).then((certified) => certified || uncertified.push(input))
        checks.push(check.then(() => undefined))
      }),
      policies: [watchful, strict],
      agent: { pathLabels: [{ path: 'closed/**', labels: ['closed'] }] },
      limits: { tool_calls_per_step_max: 4, runs_running_max: 3, queue_timeout_seconds: 3_600, steps_default: 12 },
      clock,
      wrapStore: (store) => {
        raw ??= store
        mortal = createMortalStore(store)
        return afterCommits(mortal.store, async (commit) => {
          const [certificate] = random.chance(0.1) ? certificatesOf(commit) : []
          if (certificate !== undefined) await revokeCertificate(world.deps, world.owner, certificate)
        })
      },
      ...(raw !== undefined && { beside: { store: raw, clock } }),
    })
    const { keyring } = signingKeys
    const randomness = markedRandomness(mark, random)
    const logId = await openLog({ ...world.deps, randomness, keyring })
    Object.assign(world.deps, { randomness, signingKeys, notary: { logId, keyring } })
    world.errors.push = (...found) => errors.push(...found)
    await stateRotation(world.deps)
    await rescueRuns(world.deps)
    await world.deps.dispatcher.start()
    const services = [
      started(createRunCloser(world.deps)),
      started(createRunTimekeeper(world.deps)),
      started(createPromptTimekeeper(world.deps)),
    ]
    const admin = { ...world.owner, userId: 'admin-1', role: 'admin' as const }
    return { world, admin, services, asked: new Set(), kill: () => mortal?.kill() }
  }
  let process = await begin()
  const store = raw as unknown as Store // the first process has opened it
  for (let move = 0; move < moves; move += 1) {
    if (random.chance(0.03)) {
      process = await restart(process, random, store, begin)
    }
    const { asked } = process
    const moved = moveOnce(process, random, taskIds).catch((error: unknown) => {
      if (!isRefusal(error)) errors.push(error)
    })
    asked.add(moved)
    void moved.then(() => asked.delete(moved))
    if (random.chance(0.6)) clock.advance(random.pick([0, 5, 20, 300, 2_000, 70_000]))
    if (random.chance(0.01)) clock.advance(4_000_000)
    for (let turns = random.whole(0, 15); turns > 0; turns -= 1) await setImmediate()
  }
  await endAll(process, taskIds)
  for (const stop of process.services) await stop()
  await Promise.all(checks)
  return { world: process.world, store, taskIds, uncertified, errors, close: () => process.world.close() }
}

/** Does something after each commit, before who made it knows that it is on disk. */
function afterCommits(store: Store, then: (commit: Commit) => Promise<void>): Store {
  return {
    ...store,
    async commit(commit) {
      const outcome = await store.commit(commit)
      if (outcome.committed) await then(commit)
      return outcome
    },
  }
}

function certificatesOf({ write }: Commit): Digest[] {
  const signed = write.flatMap((one) => (one.kind === 'add_statements' ? one.statements : []))
  return signed.filter(({ kind }) => kind === 'certificate').map(({ digest }) => digest)
}

/** Whether an open action on disk has a certificate for exactly these arguments, which no other has. */
async function isCertified(store: Store | undefined, taskIds: readonly string[], input: JsonObject): Promise<boolean> {
  for (const id of taskIds) {
    const events = (await store?.readEvents(id, 0, 10_000)) ?? []
    for (const event of events) {
      if (event.kind !== 'action.decided' || event.facts.answer !== 'allow') continue
      const of = (other: JournalEvent) => 'action' in other.facts && other.facts.action === event.facts.action
      if (events.some((other) => other.kind === 'action.settled' && of(other))) continue
      const given = event.contents['arguments'] ?? events.find(of)?.contents['arguments'] ?? ''
      const body = (await store?.readContents([given]))?.get(given)?.body
      const statement = await store?.readStatement(event.facts.statement)
      if (statement?.kind === 'certificate' && isDeepStrictEqual(JSON.parse(String(body)), input)) return true
    }
  }
  return false
}

/** The end of one process, killed or not, and the begin of the next; some begin a new log, as after a restore. */
async function restart(process: Process, random: SeededRandom, store: Store, begin: () => Promise<Process>) {
  const { world, asked, services } = process
  const killed = random.chance(0.7)
  const setting = { kind: 'put_setting' as const, name: 'new_log_wanted', value: '0' }
  if (!killed) {
    await Promise.all(asked)
    for (const stop of services) await stop()
    await world.stop()
    if (random.chance(0.3)) setting.value = '1'
  }
  process.kill()
  await store.commit({ write: [setting] })
  return await begin()
}

const texts = ['go on', 'and this?', 'patient 536-22-8765'] as const

async function moveOnce({ world, admin }: Process, random: SeededRandom, taskIds: string[]): Promise<void> {
  const { deps, owner, store } = world
  const id = taskIds[random.whole(0, taskIds.length - 1)]
  const kind = random.fraction()
  const policy = random.pick([null, null, 'watchful', 'watchful', 'strict', 'hipaa'])
  if (id === undefined || (kind < 0.15 && taskIds.length < 12)) {
    const capabilities = random.pick([undefined, ['test:use'], ['test:*']])
    const wishes = { policy, ...(capabilities !== undefined && { capabilities }) }
    await world.submit({ taskId: nextId(taskIds), ...wishes, ...(random.chance(0.1) && { modelKey: 'own' }) })
  } else if (kind < 0.25 && taskIds.length < 12) {
    const parent = await store.readSnapshot(id)
    if (parent === undefined) return
    const budget = random.pick([{}, { micros_usd: 20_000, tokens: 60_000, steps: 3 }])
    await world.submit({ taskId: nextId(taskIds), parent: parentOf(parent), budget })
  } else if (kind < 0.5) {
    await addMessage(deps, owner, id, { input: { text: random.pick(texts) }, policy: random.pick([null, policy]) })
  } else if (kind < 0.6) {
    await stopRun(deps, owner, id)
  } else if (kind < 0.7) {
    await resumeRun(deps, owner, id)
  } else if (kind < 0.74) {
    await cancelRun(deps, owner, id)
  } else if (kind < 0.8) {
    await purgeTask(deps, owner, id)
  } else if (kind < 0.85) {
    await rotateSigningKey(deps, admin)
  } else if (kind < 0.97) {
    const [prompt] = await store.listPrompts({}, { limit: 1 })
    const outcome = random.chance(0.7) ? 'approved' : 'denied'
    if (prompt !== undefined) await answerPrompt(deps, owner, prompt.id, { outcome })
  }
}
