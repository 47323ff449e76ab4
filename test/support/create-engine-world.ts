import type { BlobStore } from '../../src/blob/blob.ts'
import { createFakeClock, type FakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import { createEmbeddedDispatch } from '../../src/dispatch/embedded/create-embedded-dispatch.ts'
import type { Agent } from '../../src/domain/agent.ts'
import type { EventKind, JournalEvent } from '../../src/domain/event.ts'
import { type LimitName, limitDefaults } from '../../src/domain/limits.ts'
import type { PolicyVersion } from '../../src/domain/policy.ts'
import type { Principal } from '../../src/domain/principal.ts'
import { type SubmitTask, submitTask } from '../../src/engine/commands/submit-task.ts'
import type { EngineDeps } from '../../src/engine/engine-deps.ts'
import { createPlatformFaults } from '../../src/engine/platform-faults.ts'
import { readJournal } from '../../src/engine/queries/read-journal.ts'
import type { ServerDeps } from '../../src/engine/server-deps.ts'
import { createRunningAttempts } from '../../src/engine/services/running-attempts.ts'
import { createOutbox } from '../../src/engine/webhooks/create-outbox.ts'
import type { SendWebhook } from '../../src/engine/webhooks/webhook-deps.ts'
import { createGuard } from '../../src/guard/create-guard.ts'
import { createPolicyEngine } from '../../src/guard/policy/create-policy-engine.ts'
import { createInProcessLive } from '../../src/live/in-process/create-in-process-live.ts'
import type { Models } from '../../src/model/model.ts'
import type { Store } from '../../src/store/store.ts'
import type { Tool, Workspaces } from '../../src/tool/tool.ts'
import { createInProcessWakeup } from '../../src/wakeup/in-process/create-in-process-wakeup.ts'
import type { Workers } from '../../src/worker-pool/worker-pool.ts'
import { createTemporaryStore } from './create-temporary-store.ts'
import { createInlineWorkerPool, createInlineWorkers } from './inline-worker-pool.ts'
import { createScriptedModels, type ScriptedStep } from './scripted-models.ts'
import { testNotary } from './test-notary.ts'
import { builtinPolicies } from './test-policies.ts'
import { createTestSigningKeys } from './test-signing-keys.ts'
import { createTestWebhooks } from './test-webhooks.ts'
import { withServices } from './with-services.ts'

export interface EngineWorldOptions {
  readonly steps?: readonly ScriptedStep[]
  readonly models?: Models
  readonly tools?: readonly Tool[]
  readonly agent?: Partial<Agent>
  /** Beside those that ship with the server. */
  readonly policies?: readonly PolicyVersion[]
  readonly limits?: Partial<Record<LimitName, number>>
  readonly clock?: FakeClock
  /** None unless given: then nothing may touch a file. */
  readonly workspaces?: Workspaces
  readonly blobs?: BlobStore
  /** Receives webhooks. */
  readonly send?: SendWebhook
  /** Puts something between the engine and its store. */
  readonly wrapStore?: (store: Store) => Store
  /** Without them the work is done in this thread, without limits. */
  readonly workers?: Workers
  /** A second process on the same data: shares the store and the clock, and starts with nothing in memory. */
  readonly beside?: { readonly store: Store; readonly clock: FakeClock }
}

export type EngineWorld = Awaited<ReturnType<typeof createEngineWorld>>

/** Shared by all worlds of a test file: loading Cedar takes longer than most tests. */
const policyEngine = createPolicyEngine()

const owner: Principal = {
  userId: 'user-1',
  teamId: null,
  role: 'operator',
  dialect: 'native',
  agentId: null,
  keyId: null,
}

/** The engine with a temporary store, a fake clock and a scripted model; no HTTP, no network, no real time. */
export async function createEngineWorld(options: EngineWorldOptions = {}) {
  const clock = options.beside?.clock ?? options.clock ?? createFakeClock()
  const opened = options.beside?.store ?? (await createTemporaryStore())
  const store = options.wrapStore?.(opened) ?? opened
  const models = options.models ?? createScriptedModels(options.steps ?? [{ text: 'done' }])
  const agent = { ...defaultAgent(options.tools ?? []), ...options.agent }
  if (options.beside === undefined) {
    const setting = { kind: 'put_setting' as const, name: 'default_agent', value: agent.id }
    const policies = [...builtinPolicies, ...(options.policies ?? [])]
    const put = policies.map((version) => ({ kind: 'put_policy' as const, version, builtin: true, at: clock.now() }))
    const log = { kind: 'start_log' as const, logId: testNotary().logId, at: clock.now() }
    await store.commit({ write: [{ kind: 'insert_agent', agent }, setting, ...put, log] })
  }
  const ended = new Map<string, PromiseWithResolvers<void>>()
  const endOf = (runId: string) => {
    const known = ended.get(runId) ?? Promise.withResolvers<void>()
    ended.set(runId, known)
    return known
  }
  const wakeup = createInProcessWakeup()
  const randomness = createCountingRandomness(options.beside === undefined ? 'a' : 'b')
  const outbox = createOutbox(randomness, wakeup)
  await outbox.open(store)
  const signingKeys = createTestSigningKeys()
  const engine: EngineDeps = {
    store,
    clock,
    models,
    runKeys: new Map(),
    limits: { ...limitDefaults, ...options.limits },
    wakeup,
    outbox,
    faults: createPlatformFaults({ info: () => undefined, warn: () => undefined }),
    webhooks: createTestWebhooks(options.send),
    live: createInProcessLive(),
    guard: createGuard(policyEngine.evaluate, options.workers?.runs ?? createInlineWorkerPool()),
    workers: options.workers ?? createInlineWorkers(),
    policies: policyEngine,
    notary: { ...testNotary(), keyring: signingKeys.keyring },
    signingKeys,
    tools: new Map((options.tools ?? []).map((tool) => [tool.name, tool])),
    workspaces: options.workspaces ?? {
      open: refuseWorkspace,
      addFiles: refuseWorkspace,
      remove: async () => undefined,
    },
    blobs: options.blobs ?? { put: refuseWorkspace, get: refuseWorkspace, remove: refuseWorkspace },
    randomness,
    log: { info: () => undefined, warn: () => undefined, error: (facts, message) => errors.push({ facts, message }) },
    dispatch: createEmbeddedDispatch({ queue: store, now: clock.now, after: clock.after }),
    attempts: createRunningAttempts(),
  }
  const deps = withServices(engine, { attemptEnded: (runId) => endOf(runId).resolve() })
  const errors: { facts: object; message: string }[] = []
  return {
    deps,
    store,
    clock,
    agent,
    owner,
    errors,
    submit: (over: Partial<SubmitTask> = {}) =>
      submitTask(deps, owner, { input: { text: 'do it' }, agentId: null, dialect: 'native', ...over }),
    /** Resolves when an attempt of this run has ended in this process. */
    attemptEnded: (runId: string) => endOf(runId).promise,
    events: (taskId: string) => store.readEvents(taskId, 0, 1_000),
    /** Resolves with the first event of this kind. */
    event: <K extends EventKind>(taskId: string, kind: K) => firstEvent(deps, taskId, kind),
    /** Ends this process's part only: what it runs is handed back. */
    async stop() {
      const stopped = deps.dispatcher.stop(0)
      clock.advance(0)
      await stopped
    },
    async close() {
      const stopped = deps.dispatcher.stop(0)
      clock.advance(0)
      await stopped
      await store.close()
    },
  }
}

async function firstEvent<K extends EventKind>(deps: ServerDeps, taskId: string, kind: K) {
  const stop = new AbortController()
  for await (const page of readJournal(deps, taskId, { after: 0, signal: stop.signal, follow: true })) {
    const found = page.find((event): event is Extract<JournalEvent, { kind: K }> => event.kind === kind)
    if (found !== undefined) return found
  }
  throw new Error(`no ${kind}`)
}

function defaultAgent(tools: readonly Tool[]): Agent {
  return {
    id: 'agent-1',
    number: 0,
    ownerId: owner.userId,
    teamId: null,
    visibility: 'private',
    name: 'tester',
    description: '',
    instructions: null,
    provider: null,
    model: null,
    tools: tools.map(({ name }) => name),
    capabilities: ['*'],
    timeoutMs: null,
    stepsMax: null,
    concurrencyMax: null,
    pathLabels: [],
    policy: null,
    state: 'active',
    failures: 0,
    createdAt: 1,
    updatedAt: 1,
  }
}

function createCountingRandomness(mark: string) {
  let count = 0
  return {
    newId: () => {
      count += 1
      return `${mark}-${String(count).padStart(6, '0')}`
    },
    newSalt: () => {
      count += 1
      return count.toString(16).padStart(31, '0') + mark
    },
    fraction: () => 0.5,
  }
}

function refuseWorkspace(): never {
  throw new Error('this world has no files')
}
