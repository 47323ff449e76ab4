import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type AppSettings, createApp } from '../../src/api/create-app.ts'
import type { EventPage } from '../../src/api/native/contract/event.ts'
import type { TaskView } from '../../src/api/native/contract/task.ts'
import { newKey, verifierOf } from '../../src/auth/api-key.ts'
import { createDiskBlobs } from '../../src/blob/disk/create-disk-blobs.ts'
import { type Clock, sleep } from '../../src/clock/clock.ts'
import type { FakeClock } from '../../src/clock/fake/create-fake-clock.ts'
import { createSystemClock } from '../../src/clock/system/create-system-clock.ts'
import { createEmbeddedDispatch } from '../../src/dispatch/embedded/create-embedded-dispatch.ts'
import type { Agent } from '../../src/domain/agent.ts'
import type { ApiKey, User } from '../../src/domain/identity.ts'
import { type LimitName, limitDefaults } from '../../src/domain/limits.ts'
import type { Role } from '../../src/domain/principal.ts'
import type { EngineDeps } from '../../src/engine/engine-deps.ts'
import { createPlatformFaults } from '../../src/engine/platform-faults.ts'
import type { ServerDeps } from '../../src/engine/server-deps.ts'
import { createRunningAttempts } from '../../src/engine/services/running-attempts.ts'
import { createOutbox } from '../../src/engine/webhooks/create-outbox.ts'
import type { SendWebhook } from '../../src/engine/webhooks/webhook-deps.ts'
import { createGuard } from '../../src/guard/create-guard.ts'
import { createPolicyEngine } from '../../src/guard/policy/create-policy-engine.ts'
import { createInProcessLive } from '../../src/live/in-process/create-in-process-live.ts'
import { createSystemRandomness } from '../../src/main/system-randomness.ts'
import { createModels } from '../../src/model/create-models.ts'
import { createDemoProvider } from '../../src/model/demo/create-demo-provider.ts'
import type { Models } from '../../src/model/model.ts'
import type { Store } from '../../src/store/store.ts'
import { createBuiltinTools } from '../../src/tool/builtin/create-builtin-tools.ts'
import type { Tool } from '../../src/tool/tool.ts'
import { createDiskWorkspaces } from '../../src/tool/workspace-disk/create-disk-workspaces.ts'
import { workspaceLimitsOf } from '../../src/tool/workspace-disk/workspace-limits.ts'
import { createInProcessWakeup } from '../../src/wakeup/in-process/create-in-process-wakeup.ts'
import type { Workers } from '../../src/worker-pool/worker-pool.ts'
import { createTemporaryStore } from './create-temporary-store.ts'
import { createInlineWorkers } from './inline-worker-pool.ts'
import { testNotary } from './test-notary.ts'
import { builtinPolicies } from './test-policies.ts'
import { createTestSigningKeys } from './test-signing-keys.ts'
import { createTestWebhooks } from './test-webhooks.ts'
import { withServices } from './with-services.ts'

export interface WorldOptions {
  readonly clock?: Clock
  readonly limits?: Partial<Record<LimitName, number>>
  readonly models?: Models
  /** Beside the built-in ones. */
  readonly tools?: readonly Tool[]
  /** Environment that the models see: keys of providers. */
  readonly env?: Readonly<Record<string, string>>
  readonly settings?: Partial<AppSettings>
  /** What the store is wrapped with, to make it fail. */
  readonly wrapStore?: (store: Store) => Store
  /** Receives webhooks. */
  readonly send?: SendWebhook
  /** Without them the work of workers is done in this thread, without limits. */
  readonly workers?: Workers
  /** False: runs stay queued until `deps.dispatcher.start()`. */
  readonly started?: boolean
}

export interface Caller {
  readonly user: User
  readonly keyId: string
  readonly key: string
  readonly headers: { readonly authorization: string }
}

/** Shared by all worlds of a test file: loading Cedar takes longer than most tests. */
const policyEngine = createPolicyEngine()

export type World = Awaited<ReturnType<typeof createWorld>>

/**
 * A whole server in this process: temporary store and folders, the demo model, the built-in tools, an administrator with a
 * key and the demo agent. No port is taken before `listen`.
 */
export async function createWorld(options: WorldOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'mandate-world-'))
  const errors: { facts: object; message: string }[] = []
  const deps = await createDeps(folder, options, errors)
  const pepper = Buffer.alloc(32, 7)
  let address = 'http://127.0.0.1'
  const settings = { pepper, version: '0.0.0-test', publicUrl: () => address, ...options.settings }
  const app = await createApp(deps, settings)

  const addCaller = async (role: Role, over: Partial<ApiKey & Pick<User, 'teamId'>> = {}): Promise<Caller> => {
    const { teamId = null, ...overKey } = over
    const id = overKey.userId ?? deps.randomness.newId()
    const known = await deps.store.readUser(id)
    const user = known ?? newUser(id, `${role} ${id.slice(-4)}`, teamId, deps.clock.now())
    const { key, prefix } = newKey(overKey.dialect ?? 'native')
    const stored = { ...newApiKey(deps, user.id, role), ...overKey, prefix, verifier: verifierOf(pepper, key) }
    await deps.store.commit({
      write: [...(known ? [] : [{ kind: 'insert_user' as const, user }]), { kind: 'insert_key', key: stored }],
    })
    return { user, keyId: stored.id, key, headers: { authorization: `Bearer ${key}` } }
  }
  const admin = await addCaller('admin')
  const agent = demoAgent(deps, admin.user.id)
  await deps.store.commit({
    write: [
      { kind: 'insert_agent', agent },
      { kind: 'put_setting', name: 'default_agent', value: agent.id },
      { kind: 'put_setting', name: 'admin_user', value: admin.user.id },
      ...builtinPolicies.map((version) => ({ kind: 'put_policy' as const, version, builtin: true, at: 1 })),
      { kind: 'start_log', logId: deps.notary.logId, at: 1 },
    ],
  })
  if (options.started ?? true) await deps.dispatcher.start()

  return {
    deps,
    app,
    admin,
    agent,
    errors,
    pepper,
    addCaller,
    ...createCalls(app, admin),
    /** The address of a free port of the loopback. */
    async listen(): Promise<string> {
      address = await app.listen({ host: '127.0.0.1', port: 0 })
      return address
    },
    async close(): Promise<void> {
      const stopped = deps.dispatcher.stop(0)
      if (isFake(deps.clock)) deps.clock.advance(1)
      await stopped
      await app.close()
      await deps.store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isFake(clock: Clock): clock is FakeClock {
  return 'advance' in clock
}

/** The commonest requests, without a socket. */
function createCalls(app: FastifyInstance, admin: Caller) {
  const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: unknown, caller = admin) =>
    app.inject({
      method,
      url,
      headers: caller.headers,
      ...(body !== undefined && { payload: body as object }),
    })
  return {
    call,
    /** Submits a task and answers with it once it has ended. */
    async runTask(body: object, caller = admin): Promise<TaskView> {
      const headers = { ...caller.headers, prefer: 'wait=30' }
      const answer = await app.inject({ method: 'POST', url: '/v1/tasks', headers, payload: body })
      if (answer.statusCode !== 200) throw new Error(`The task did not end: ${answer.statusCode} ${answer.body}`)
      return answer.json()
    },
    async readEvents(id: string, caller = admin): Promise<EventPage['events']> {
      const answer = await app.inject({ url: `/v1/tasks/${id}/events?limit=200`, headers: caller.headers })
      return answer.json<EventPage>().events
    },
  }
}

async function createDeps(
  folder: string,
  {
    clock = createSystemClock(),
    limits: overLimits,
    models,
    tools = [],
    env = {},
    wrapStore,
    send,
    workers: ownWorkers,
  }: WorldOptions,
  errors: { facts: object; message: string }[],
): Promise<ServerDeps> {
  const limits = { ...limitDefaults, ...overLimits }
  const temporary = await createTemporaryStore()
  const store = wrapStore?.(temporary) ?? temporary
  const blobs = createDiskBlobs(join(folder, 'blobs'))
  const builtIn = createBuiltinTools({
    version: '0.0.0-test',
    allowPrivateNetwork: false,
    limits,
  })
  const wakeup = createInProcessWakeup()
  const randomness = createSystemRandomness(clock.now)
  const signingKeys = createTestSigningKeys()
  const workers = ownWorkers ?? createInlineWorkers()
  const engine: EngineDeps = {
    store,
    blobs,
    clock,
    limits,
    runKeys: new Map(),
    workspaces: createDiskWorkspaces({
      folder: join(folder, 'workspaces'),
      blobs,
      limits: workspaceLimitsOf(limits),
    }),
    log: { info: () => undefined, warn: () => undefined, error: (facts, message) => errors.push({ facts, message }) },
    wakeup,
    outbox: createOutbox(randomness, wakeup),
    faults: createPlatformFaults({ info: () => undefined, warn: () => undefined }),
    webhooks: createTestWebhooks(send),
    live: createInProcessLive(),
    models: models ?? demoModels(clock, env),
    tools: new Map([...builtIn, ...tools].map((tool) => [tool.name, tool])),
    guard: createGuard(policyEngine.evaluate, workers.runs),
    workers,
    policies: policyEngine,
    notary: { ...testNotary(), keyring: signingKeys.keyring },
    signingKeys,
    randomness,
    dispatch: createEmbeddedDispatch({ queue: store, now: clock.now, after: clock.after }),
    attempts: createRunningAttempts(),
  }
  const deps = withServices(engine)
  return deps
}

function demoModels(clock: Clock, env: Readonly<Record<string, string>>): Models {
  return createModels({
    env,
    extension: null,
    demo: createDemoProvider({ sleep: (ms, signal) => sleep(clock, ms, signal) }),
    connect: ({ name }) => {
      throw new Error(`This world does not speak to ${name}.`)
    },
    priceTable: () => 0,
    now: clock.now,
  })
}

function newUser(id: string, name: string, teamId: string | null, createdAt: number): User {
  return { id, name, email: null, teamId, defaultProvider: null, defaultModel: null, createdAt }
}

function newApiKey({ randomness, clock }: ServerDeps, userId: string, role: Role): ApiKey {
  return {
    id: randomness.newId(),
    name: role,
    dialect: 'native',
    prefix: '',
    verifier: '',
    userId,
    agentId: null,
    role,
    createdAt: clock.now(),
    revokedAt: null,
  }
}

function demoAgent({ randomness, clock, tools }: ServerDeps, ownerId: string): Agent {
  const now = clock.now()
  return {
    id: randomness.newId(),
    number: 0,
    ownerId,
    teamId: null,
    visibility: 'public',
    name: 'demo',
    description: 'The demo agent of a test.',
    instructions: null,
    provider: null,
    model: null,
    // What asks people is offered by the task that allows it.
    tools: [...tools.values()].flatMap(({ name, ask }) => (ask === undefined ? [name] : [])),
    capabilities: ['*'],
    pathLabels: [],
    policy: null,
    timeoutMs: null,
    stepsMax: null,
    concurrencyMax: null,
    state: 'active',
    failures: 0,
    createdAt: now,
    updatedAt: now,
  }
}
