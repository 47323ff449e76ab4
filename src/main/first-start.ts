import { newKey, verifierOf } from '../auth/api-key.ts'
import type { KeyFiles } from '../data-folder/key-files.ts'
import type { Agent } from '../domain/agent.ts'
import type { ApiKey, User } from '../domain/identity.ts'
import { settingNames } from '../domain/setting-names.ts'
import type { ServerDeps } from '../engine/server-deps.ts'
import { absentSetting } from '../store/commit.ts'

/** The name of the agent that the first start makes. */
export const demoAgentName = 'demo'

/** The result of the first start, for the person who started the server. */
export interface FirstStart {
  /** Shown once; undefined when `MANDATE_ADMIN_KEY` gave the key. */
  readonly adminKey: string | undefined
}

/**
 * Makes, in one commit and only once per data folder, the administrator, their key and the demo agent. Answers undefined
 * when that was done by an earlier start.
 */
export async function makeFirstStart(
  deps: ServerDeps,
  keys: KeyFiles,
  adminKey: string | undefined,
): Promise<FirstStart | undefined> {
  if ((await deps.store.readSetting(settingNames.defaultAgent)) !== undefined) return undefined
  const { randomness, clock } = deps
  const now = clock.now()
  const user: User = {
    id: randomness.newId(),
    name: 'admin',
    email: null,
    teamId: null,
    defaultProvider: null,
    defaultModel: null,
    createdAt: now,
  }
  const agent = demoAgent(randomness.newId(), user.id, now, [...deps.tools.keys()])
  const generated = newKey('native')
  const key = adminApiKey(randomness.newId(), user.id, now, generated.prefix, verifierOf(keys.pepper, generated.key))
  // Written before the commit: a key that nobody can see would lock everybody out.
  if (adminKey === undefined) await keys.writeLocalKey(generated.key)
  await deps.store.commit({
    require: [absentSetting(settingNames.defaultAgent)],
    write: [
      { kind: 'insert_user', user },
      ...(adminKey === undefined ? [{ kind: 'insert_key' as const, key }] : []),
      { kind: 'insert_agent', agent },
      { kind: 'put_setting', name: settingNames.defaultAgent, value: agent.id },
      { kind: 'put_setting', name: 'admin_user', value: user.id },
      { kind: 'put_setting', name: settingNames.installation, value: randomness.newId() },
    ],
  })
  return { adminKey: adminKey === undefined ? generated.key : undefined }
}

function adminApiKey(id: string, userId: string, createdAt: number, prefix: string, verifier: string): ApiKey {
  return {
    id,
    name: 'admin',
    dialect: 'native',
    prefix,
    verifier,
    userId,
    agentId: null,
    role: 'admin',
    createdAt,
    revokedAt: null,
  }
}

function demoAgent(id: string, ownerId: string, now: number, tools: readonly string[]): Agent {
  return {
    id,
    number: 0,
    ownerId,
    teamId: null,
    visibility: 'public',
    name: demoAgentName,
    description: 'Does real work on real files with the built-in tools. Without a model key it runs the demo model.',
    instructions: null,
    provider: null,
    model: null,
    tools,
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
