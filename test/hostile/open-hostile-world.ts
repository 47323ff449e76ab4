import type { LookupFunction } from 'node:net'
import { createSystemClock } from '../../src/clock/system/create-system-clock.ts'
import type { Agent } from '../../src/domain/agent.ts'
import { readableText } from '../../src/domain/content.ts'
import type { DecisionInputs } from '../../src/domain/decision.ts'
import type { EventOf, JournalEvent } from '../../src/domain/event.ts'
import type { LimitName } from '../../src/domain/limits.ts'
import type { PolicyDocument } from '../../src/domain/policy.ts'
import type { Principal } from '../../src/domain/principal.ts'
import type { Statement } from '../../src/domain/statement.ts'
import { answerPrompt } from '../../src/engine/commands/answer-prompt.ts'
import { type SubmitTask, submitTask } from '../../src/engine/commands/submit-task.ts'
import { exportAudit } from '../../src/engine/queries/export-audit.ts'
import { createRunCloser } from '../../src/engine/services/run-closer.ts'
import { parentOf } from '../../src/engine/submission/parent-task.ts'
import { verifyAudit } from '../../src/main/verify-audit.ts'
import { createAiSdkProvider } from '../../src/model/ai-sdk/create-ai-sdk-provider.ts'
import { createModels } from '../../src/model/create-models.ts'
import { createDemoProvider } from '../../src/model/demo/create-demo-provider.ts'
import { parseCatalogueExtension } from '../../src/model/parse-catalogue-extension.ts'
import { createFetchUrl } from '../../src/tool/builtin/fetch-url/create-fetch-url.ts'
import { checkInput } from '../../src/tool/check-input.ts'
import type { Tool } from '../../src/tool/tool.ts'
import { createWorld } from '../support/create-world.ts'
import { started } from '../support/started.ts'
import { testPolicy } from '../support/test-policies.ts'
import { testFetchLimits } from '../support/tool-limits.ts'
import { until } from '../support/until.ts'
import { type HostileScript, startHostileModel } from './hostile-model.ts'

export interface HostileOptions {
  /** Without it the fetch tool of the server stays as it is: no private network. */
  readonly openNetwork?: { readonly lookup?: LookupFunction }
  readonly tools?: readonly Tool[]
  readonly limits?: Partial<Record<LimitName, number>>
  /** Micro-dollars for a million tokens of the model, in and out. */
  readonly price?: number
}

/** One thing that a model tried, and what the record says became of it. */
export interface Attempted {
  readonly tool: string
  readonly arguments: string
  /** Undefined where the guard was never asked. */
  readonly decided: EventOf<'action.decided'> | undefined
  readonly inputs: DecisionInputs | undefined
  readonly settled: EventOf<'action.settled'>
  /** What the model was told. */
  readonly result: string
}

export interface Attack {
  readonly id: string
  readonly state: string
  readonly error: string | undefined
  readonly attempts: readonly Attempted[]
  readonly events: readonly JournalEvent[]
  /** All requests that the model was sent, as bytes on the wire. */
  readonly told: string
}

export type HostileWorld = Awaited<ReturnType<typeof openHostileWorld>>

/**
 * A whole server with the real package of a provider, whose model is hostile. One for a family of attacks: each attack is a
 * task of its own.
 */
export async function openHostileWorld(options: HostileOptions = {}) {
  const model = await startHostileModel()
  const { price = 0, openNetwork } = options
  const clock = createSystemClock()
  const extension = parseCatalogueExtension({
    providers: [
      {
        name: 'hostile',
        kind: 'openai-compatible',
        base_url: model.url,
        default_model: 'hostile-1',
        price: { input_micros_usd_per_million_tokens: price, output_micros_usd_per_million_tokens: price },
      },
    ],
    default: { provider: 'hostile', model: 'hostile-1' },
  })
  const models = createModels({
    env: {},
    extension,
    demo: createDemoProvider({ sleep: async () => undefined }),
    connect: (settings) =>
      createAiSdkProvider(settings, {
        clock,
        checkInput,
        answerBytesPerTokenMax: 1024,
        toolCallsPerResponseMax: 1_000,
      }),
    priceTable: () => 0,
    now: clock.now,
  })
  const open =
    openNetwork === undefined
      ? []
      : [
          createFetchUrl({
            version: 'test',
            allowPrivateNetwork: true,
            limits: { ...testFetchLimits, fetchMs: 5_000 },
            ...openNetwork,
          }),
        ]
  const world = await createWorld({
    clock,
    models,
    tools: [...open, ...(options.tools ?? [])],
    ...(options.limits !== undefined && { limits: options.limits }),
  })
  const { deps } = world
  const principal: Principal = {
    userId: world.admin.user.id,
    teamId: null,
    role: 'admin',
    dialect: 'native',
    agentId: null,
    keyId: null,
  }
  const stopClosing = started(createRunCloser(deps))

  const describe = async (id: string, told: readonly string[]): Promise<Attack> => {
    const events = await deps.store.readEvents(id, 0, 1_000)
    const attempts = await attemptsIn(world, events)
    const task = await deps.store.readTask(id)
    const end = events.findLast(({ kind }) => kind === 'run.failed' || kind === 'run.blocked')
    return {
      id,
      state: task?.state ?? 'gone',
      error: end === undefined ? undefined : (end.facts as { error: { code: string } }).error.code,
      attempts,
      events,
      told: told.join('\n'),
    }
  }

  return {
    ...world,
    model,
    /** An agent of its own, under a policy of its own where one is given. */
    async addAgent(
      over: Partial<Agent>,
      policy?: { document: Partial<PolicyDocument>; cedar?: string },
    ): Promise<Agent> {
      const id = deps.randomness.newId()
      const version = policy && testPolicy({ name: `p_${id.replaceAll('-', '')}`, ...policy.document }, policy.cedar)
      const agent = { ...world.agent, name: id, ...over, id, policy: version?.document.name ?? over.policy ?? null }
      const put = version === undefined ? [] : [{ kind: 'put_policy' as const, version, builtin: false, at: 1 }]
      await deps.store.commit({ write: [...put, { kind: 'insert_agent', agent }] })
      return agent
    },
    /** Submits a task that the script drives, and answers when it has ended. */
    async attack(script: HostileScript, body: object = {}): Promise<Attack> {
      const message = model.play(script)
      const task = await world.runTask({ input: message, ...body })
      return describe(task.id, model.toldOf(message))
    },
    /** Denies what a person is asked to approve. */
    async deny(promptId: string) {
      await answerPrompt(deps, principal, promptId, { outcome: 'denied' })
    },
    /** The open prompts of the tool. */
    async openPrompts(tool: string) {
      return (await deps.store.listPrompts({}, { limit: 10 })).filter((prompt) => prompt.tool === tool)
    },
    /** What is recorded of a task, however it was driven. */
    describe,
    /** One more turn of a task; the same script goes on. */
    async goOn(attack: Attack, input = 'go on'): Promise<Attack> {
      const headers = { ...world.admin.headers, prefer: 'wait=30' }
      const url = `/v1/tasks/${attack.id}/messages`
      const answer = await world.app.inject({ method: 'POST', url, headers, payload: { input } })
      if (answer.statusCode >= 300) throw new Error(answer.body)
      const ended = await world.app.inject({ url: `/v1/tasks/${attack.id}?wait=30`, headers })
      if (ended.statusCode !== 200) throw new Error(ended.body)
      const message = /attack-\d+-of-a-test/u.exec(attack.told)?.[0] ?? ''
      return describe(attack.id, model.toldOf(message))
    },
    /** A part of another task, which ends; resolves when it has given back what it has left. */
    async delegate(parent: Pick<Attack, 'id'>, script: HostileScript, over: Partial<SubmitTask> = {}): Promise<Attack> {
      const message = model.play(script)
      const above = await deps.store.readSnapshot(parent.id)
      if (above === undefined) throw new Error('There is no such parent.')
      const { task } = await submitTask(deps, principal, {
        input: { text: message },
        agentId: above.task.agentId,
        dialect: 'native',
        parent: parentOf(above),
        ...over,
      })
      await until('the sub-task gave back what it had left', async () => {
        const events = await deps.store.readEvents(parent.id, 0, 1_000)
        const returned = events.find((event) => event.kind === 'budget.returned' && event.facts.from === task.id)
        const row = await deps.store.readTask(parent.id)
        return returned !== undefined && row !== undefined && row.lastSeq >= returned.seq
      })
      return describe(task.id, model.toldOf(message))
    },
    /** What a stranger with the pinned key makes of the audit package of a task. */
    async verifyAudit({ id }: Pick<Attack, 'id'>) {
      const sealed = await exportAudit(deps, principal, id, { contents: true })
      return verifyAudit(Buffer.concat(sealed), [deps.notary.keyring.current.keyId])
    },
    /** The statements of a task, oldest first. */
    async statementsOf(id: string): Promise<Statement[]> {
      const signed = await deps.store.listStatements(id)
      return signed.map(({ kind, envelope }) => {
        const { payload } = JSON.parse(envelope) as { payload: string }
        const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as { predicate: object }
        return { ...predicate, kind } as Statement
      })
    },
    async close() {
      await stopClosing()
      await world.close()
      await model.close()
    },
  }
}

async function attemptsIn(
  { deps }: Awaited<ReturnType<typeof createWorld>>,
  events: readonly JournalEvent[],
): Promise<Attempted[]> {
  const ofKind = <K extends JournalEvent['kind']>(kind: K) =>
    events.filter((event): event is EventOf<K> => event.kind === kind)
  const digests = events.flatMap(({ contents }) => Object.values(contents))
  const contents = await deps.store.readContents(digests)
  const text = (digest: string | undefined) => readableText(contents.get(digest ?? '')) ?? ''
  return ofKind('action.requested').flatMap(({ facts: { action, tool }, contents: given }) => {
    const settled = ofKind('action.settled').find(({ facts }) => facts.action === action)
    if (settled === undefined) return []
    const decided = ofKind('action.decided').findLast(({ facts }) => facts.action === action)
    const inputs = decided && (JSON.parse(text(decided.contents['inputs'])) as DecisionInputs)
    const result = text(settled.contents['result'])
    return [{ tool, arguments: text(given['arguments']), decided, inputs, settled, result }]
  })
}
