import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../../../test/support/create-engine-world.ts'
import type { TaskRequest } from './contract/task-request.ts'
import { readTaskRequest } from './request.ts'

const limits = { message_chars_max: 5, budget_cents_default: 300, budget_cents_max: 500 }

let world: EngineWorld
beforeAll(async () => {
  world = await createEngineWorld({ limits })
})
afterAll(() => world.close())

const read = (body: Partial<TaskRequest> = {}) => readTaskRequest(world.deps, { task: 'do it', ...body })

interface Changes {
  readonly permissions?: readonly string[]
  readonly kept?: object
  readonly submit?: object
}

/** The request of a task alone, with these changes. The data of the dialect are kept with the task and with its run. */
function expected({ permissions, kept = {}, submit = {} }: Changes) {
  const extension = { permissions: permissions ?? null, private: kept }
  return {
    input: { text: 'do it' },
    agentId: null,
    dialect: 'certior',
    budget: { micros_usd: 3_000_000 },
    toolCostsMicrosUsd: { read_file: 10_000, list_files: 10_000, write_file: 10_000, fetch_url: 20_000 },
    extension,
    runExtension: extension,
    ofDefaultProvider: false,
    ...submit,
  }
}

test('a task alone asks for nothing else, and has the budget of the server', async () => {
  expect(await read()).toEqual(expected({}))
})

test('a budget that is not requested is never above the limit of the server', async () => {
  const deps = { ...world.deps, limits: { ...world.deps.limits, budget_cents_max: 200 } }
  expect(await readTaskRequest(deps, { task: 'do it' })).toMatchObject({ budget: { micros_usd: 2_000_000 } })
})

const url = 'https://hooks.example.com/done'
const release = { stage_role: 'release', upstream_execution_ids: ['e1'] }

test.each<[string, Partial<TaskRequest>, Changes]>([
  ['a budget in cents becomes micro-dollars', { budget_cents: 100 }, { submit: { budget: { micros_usd: 1_000_000 } } }],
  ['a budget at the limit is kept', { budget_cents: 500 }, { submit: { budget: { micros_usd: 5_000_000 } } }],
  ['a policy is requested by its name', { compliance_policy: 'hipaa' }, { submit: { policy: 'hipaa' } }],
  ['a policy is requested by its alias', { compliance_policy: 'legal' }, { submit: { policy: 'legal_privilege' } }],
  ['the agent may ask people', { ask_question: true }, { submit: { askQuestion: true } }],
  ['null allows no questions', { ask_question: null }, {}],
  ['a policy that is null is none', { compliance_policy: null }, {}],
  [
    'permissions are the capabilities of the run',
    { permissions: ['network:read'] },
    { permissions: ['network:read'], submit: { capabilities: ['network:read'] } },
  ],
  [
    'an empty list of permissions permits nothing',
    { permissions: [] },
    { permissions: [], submit: { capabilities: [] } },
  ],
  ['permissions that are null are those of the policy', { permissions: null }, {}],
  ['a provider is kept', { provider: 'openai' }, { submit: { provider: 'openai' } }],
  ['a provider that is null is none', { provider: null }, { submit: { provider: null } }],
  [
    'a model is one of the default provider',
    { model: 'small' },
    { submit: { model: 'small', ofDefaultProvider: true } },
  ],
  ['an empty model is kept', { model: '' }, { submit: { model: '', ofDefaultProvider: true } }],
  ['a model that is null is none', { model: null }, { submit: { model: null } }],
  ['a key for the model is used, and not kept', { api_key: 'sk-12345' }, { submit: { modelKey: 'sk-12345' } }],
  ['a key that is null is none', { api_key: null }, {}],
  [
    'a webhook_url opens an endpoint in the form of Certior',
    { webhook_url: url },
    { kept: { webhook_url: url }, submit: { webhook: { url, format: 'certior' } } },
  ],
  [
    'a webhook_url may be http',
    { webhook_url: 'http://hooks.example.com/' },
    {
      kept: { webhook_url: 'http://hooks.example.com/' },
      submit: { webhook: { url: 'http://hooks.example.com/', format: 'certior' } },
    },
  ],
  ['a webhook_url that is null is none', { webhook_url: null }, {}],
  ['a profile is kept', { verification_profile: release }, { kept: { verification_profile: release } }],
  ['an empty profile is kept', { verification_profile: {} }, { kept: { verification_profile: {} } }],
  ['a profile that is null is none', { verification_profile: null }, {}],
  [
    'a stage with another role needs no other to build on',
    { verification_profile: { stage_role: 'worker' } },
    { kept: { verification_profile: { stage_role: 'worker' } } },
  ],
  [
    'a stage without a role needs no other to build on',
    { verification_profile: { stage_role: null, upstream_execution_ids: null } },
    { kept: { verification_profile: { stage_role: null, upstream_execution_ids: null } } },
  ],
])('%s', async (_fact, body, changes) => {
  expect(await read(body)).toEqual(expected(changes))
})

const tooLong = {
  code: 'invalid_input',
  message: 'task is above the limit: at most 5 are allowed.',
  fields: [{ field: 'task', message: 'must be at most 5 (message_chars_max)' }],
  limit: 'message_chars_max',
}
const tooDear = {
  code: 'invalid_input',
  message: 'budget_cents is above the limit: at most 500 are allowed.',
  fields: [{ field: 'budget_cents', message: 'must be at most 500 (budget_cents_max)' }],
  limit: 'budget_cents_max',
}
const noWebhook = {
  name: 'ModelMismatch',
  code: 'invalid_input',
  mismatches: [
    {
      loc: ['body', 'webhook_url'],
      msg: 'must be an http or https URL without a user name and a password',
      type: 'url_parsing',
    },
  ],
}
const noPolicy = (shown: string) => ({
  code: 'policy_not_found',
  message: `There is no compliance policy ${shown}. Give one of: default, hipaa, legal_privilege, sox, legal.`,
})
const noUpstream = {
  code: 'malformed_request',
  message:
    'A stage with the role release builds on others: name at least one in verification_profile.upstream_execution_ids.',
}

describe('a request is refused', () => {
  test.each<[string, Partial<TaskRequest>, object]>([
    ['for a task above the limit', { task: 'do it!' }, tooLong],
    ['for a budget above the limit', { budget_cents: 501 }, tooDear],
    ['for a webhook_url that is no URL', { webhook_url: 'hooks' }, noWebhook],
    ['for a webhook_url of another scheme', { webhook_url: 'ftp://hooks.example.com/' }, noWebhook],
    ['for a webhook_url of a longer scheme', { webhook_url: 'httpsx://hooks.example.com/' }, noWebhook],
    ['for a webhook_url of a scheme with more before it', { webhook_url: 'xhttp://hooks.example.com/' }, noWebhook],
    ['for a webhook_url with a user name', { webhook_url: 'https://me@hooks.example.com/' }, noWebhook],
    ['for a webhook_url with a password', { webhook_url: 'https://:secret@hooks.example.com/' }, noWebhook],
    ['for an unknown policy', { compliance_policy: 'gdpr' }, noPolicy('"gdpr"')],
    [
      'for an unknown policy, of which the first 80 characters are shown',
      { compliance_policy: 'x'.repeat(81) },
      noPolicy(`"${'x'.repeat(80)}"`),
    ],
    [
      'for a stage that releases and builds on no other',
      { verification_profile: { stage_role: 'release' } },
      noUpstream,
    ],
    [
      'for a stage that releases and builds on an empty list',
      { verification_profile: { stage_role: 'release', upstream_execution_ids: [] } },
      noUpstream,
    ],
    [
      'for a stage that releases and builds on null',
      { verification_profile: { stage_role: 'release', upstream_execution_ids: null } },
      noUpstream,
    ],
  ])('%s', async (_fact, body, refusal) => {
    await expect(read(body)).rejects.toThrow(expect.objectContaining(refusal))
  })

  test('for its limits first, then its webhook_url, then its policy, then its profile', async () => {
    const profile = { verification_profile: { stage_role: 'release' } }
    const policy = { compliance_policy: 'gdpr', ...profile }
    const webhook = { webhook_url: 'hooks', ...policy }
    const budget = { budget_cents: 501, ...webhook }
    const inTurn = [
      [{ task: 'do it!', ...budget }, tooLong],
      [budget, tooDear],
      [webhook, noWebhook],
      [policy, noPolicy('"gdpr"')],
      [profile, noUpstream],
    ] as const
    for (const [body, refusal] of inTurn) {
      await expect(read(body)).rejects.toThrow(expect.objectContaining(refusal))
    }
  })
})
