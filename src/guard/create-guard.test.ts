import { describe, expect, test } from 'vitest'
import { builtinPolicy } from '../../test/support/test-policies.ts'
import type { DecisionInputs } from '../domain/decision.ts'
import type { JsonObject } from '../domain/json.ts'
import type { PolicyDocument, PolicyVersion } from '../domain/policy.ts'
import { canonicalText } from '../proof/canonical-json.ts'
import { createGuard, dependsOnFindings } from './create-guard.ts'
import { createPolicyEngine } from './policy/create-policy-engine.ts'
import { permitAll, sampleInputs, samplePolicy } from './sample-inputs.ts'

const { evaluate } = createPolicyEngine()
const guard = createGuard(evaluate)
const salt = 'ab'.repeat(16)
const github = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`
const ssn = '123-45-6789'
const tooDeep = [1, 2, 3, 4, 5, 6].reduce((text) => Buffer.from(text).toString('base64'), 'nothing bad at all')

const policies = {
  default: builtinPolicy('default'),
  hipaa: builtinPolicy('hipaa'),
  sox: builtinPolicy('sox'),
  legal_privilege: builtinPolicy('legal_privilege'),
}

/** By default a call that writes a report within the task: what it holds decides. */
function verify(policy: PolicyVersion, input: JsonObject, given: Partial<DecisionInputs> = {}) {
  const {
    version: _version,
    findings: _findings,
    ...inputs
  } = sampleInputs({
    tool: 'write_file',
    access: 'write',
    required: ['filesystem:write:reports'],
    sinks: [],
    host: null,
    ...given,
  })
  return guard.verify({ policy, inputs, input, text: canonicalText(input), salt })
}

function inspect(policy: PolicyVersion, output: string) {
  const { findings, ...rest } = guard.inspect({ policy, output, salt })
  return { ...rest, detectors: findings.map(({ detector }) => detector) }
}

describe('default', () => {
  const sensitive = `${ssn} ${github} insider information ${tooDeep}`

  test('nothing is looked for: arguments and results stay as they are', async () => {
    const { decision, inputs, redacted } = await verify(policies.default, { text: sensitive })
    expect(decision).toMatchObject({ answer: 'allow', rules: ['capability', 'policy:permit_all'] })
    expect(inputs.findings).toEqual([])
    expect(redacted).toBeUndefined()
    expect(inspect(policies.default, sensitive)).toEqual({ output: sensitive, labels: [], detectors: [] })
  })
})

describe('hipaa', () => {
  test('personal data and secrets in arguments are redacted, and what was found is recorded', async () => {
    const input = { path: 'reports/a.md', content: `Patient ${ssn}, key ${github}`, pages: [1, 2] }
    const { decision, inputs, redacted } = await verify(policies.hipaa, input)
    expect(decision).toMatchObject({ answer: 'allow' })
    expect(decision.rules).toEqual(expect.arrayContaining(['content:ssn', 'content:secret:github']))
    expect(inputs).toMatchObject({ version: 1, findings: [{ detector: 'ssn' }, { detector: 'secret:github' }] })
    expect(redacted).toEqual({
      path: 'reports/a.md',
      content: 'Patient [redacted:ssn], key [redacted:secret:github]',
      pages: [1, 2],
    })
    expect(JSON.stringify({ decision, inputs, redacted })).not.toMatch(/123-45-6789|ghp_/)
  })

  test('arguments in which nothing is found are given as they are', async () => {
    const { decision, redacted } = await verify(policies.hipaa, { path: 'reports/a.md', content: 'All is well.' })
    expect(decision.answer).toBe('allow')
    expect(redacted).toBeUndefined()
  })

  test('identifiers in what goes outward are denied, and no redacted arguments are handed on', async () => {
    const outward = { tool: 'fetch_url', access: 'fetch', required: ['network:http:read'], sinks: ['network'] } as const
    const { decision, redacted } = await verify(policies.hipaa, { url: `https://example.com/?q=${ssn}` }, outward)
    expect(decision).toMatchObject({ answer: 'deny', rules: ['policy:no_identifiers_outward'] })
    expect(redacted).toBeUndefined()
  })

  test('a result is redacted and labels the run, however what it holds is encoded', () => {
    const redacted = { output: 'SSN [redacted:ssn].', labels: ['phi'], detectors: ['ssn'] }
    expect(inspect(policies.hipaa, `SSN ${ssn}.`)).toEqual(redacted)
    expect(inspect(policies.hipaa, `SSN ${Buffer.from(ssn).toString('base64')}.`)).toEqual(redacted)
    const json = inspect(policies.hipaa, JSON.stringify({ rows: [{ mrn: 'A1234567' }, { n: 4111111111111111 }] }))
    expect(JSON.parse(json.output)).toEqual({
      rows: [{ mrn: '[redacted:mrn]' }, { n: '[redacted:credit_card]' }],
    })
  })

  test('a secret in a result is redacted and brings no label', () => {
    const { output, labels } = inspect(policies.hipaa, `key ${github}`)
    expect(output).toBe('key [redacted:secret:github]')
    expect(labels).toEqual([])
  })

  test('a result in which nothing is found stays as it is', () => {
    expect(inspect(policies.hipaa, 'All is well.')).toEqual({ output: 'All is well.', labels: [], detectors: [] })
  })
})

describe('sox', () => {
  test('a blocked keyword in arguments denies the call, in any case and through an encoding', async () => {
    for (const text of ['the Unannounced  Merger', Buffer.from('the MNPI of today').toString('base64')]) {
      const { decision, redacted } = await verify(policies.sox, { text })
      expect(decision).toMatchObject({ answer: 'deny', rules: ['content:keyword'] })
      expect(redacted).toBeUndefined()
    }
  })

  test('what is encoded too deep to be read is denied: it may hold a keyword', async () => {
    const { decision } = await verify(policies.sox, { text: tooDeep })
    expect(decision).toMatchObject({ answer: 'deny', rules: ['content:encoded_too_deep'] })
  })

  test('a result with a blocked keyword is withheld as a whole, and labels the run', () => {
    expect(inspect(policies.sox, `The MNPI of Joe, ${ssn}: an unannounced merger`)).toEqual({
      output: '[withheld: the policy sox does not let a run see this result (keyword)]',
      labels: ['mnpi'],
      detectors: ['keyword', 'ssn', 'keyword'],
    })
    const deep = inspect(policies.sox, `see ${tooDeep}`)
    expect(deep.output).toBe('[withheld: the policy sox does not let a run see this result (encoded_too_deep)]')
  })

  test('personal data is allowed', async () => {
    const { decision, redacted } = await verify(policies.sox, { text: ssn })
    expect(decision.answer).toBe('allow')
    expect(redacted).toBeUndefined()
    expect(inspect(policies.sox, ssn)).toEqual({ output: ssn, labels: [], detectors: ['ssn'] })
  })
})

describe('legal privilege', () => {
  test('personal data in a result is shown, and labels the run', () => {
    expect(inspect(policies.legal_privilege, ssn)).toEqual({ output: ssn, labels: ['privileged'], detectors: ['ssn'] })
  })
})

describe('labels of findings', () => {
  test('come by the detector and by its group, each once, sorted; not from what an object has by birth', () => {
    const labels_of_findings = { ssn: ['phi', 'a'], personal_data: ['phi', 'b'], secret: ['c'], 'secret:github': ['d'] }
    const policy = samplePolicy({ labels_of_findings })
    expect(inspect(policy, `${ssn} ${ssn} joe@example.com`).labels).toEqual(['a', 'b', 'phi'])
    expect(inspect(policy, 'joe@example.com').labels).toEqual(['b', 'phi'])
    expect(inspect(policy, github).labels).toEqual(['c', 'd'])
    // What cannot be read may be any of them.
    expect(inspect(policy, `see ${tooDeep}`).labels).toEqual(['a', 'b', 'c', 'd', 'phi'])
  })

  test('come with a result that is withheld too', () => {
    const content = { personal_data: 'block', secrets: 'block', blocked_keywords: [] } as const
    const policy = samplePolicy({ content, labels_of_findings: { secret: ['sealed'] } })
    expect(inspect(policy, `${github} ${ssn} ${github}`)).toEqual({
      output: '[withheld: the policy sample does not let a run see this result (secret:github, ssn)]',
      labels: ['sealed'],
      detectors: ['secret:github', 'ssn', 'secret:github'],
    })
  })
})

test('a text is looked into where something in the policy depends on it, and only there', () => {
  const content = { personal_data: 'allow', secrets: 'allow', blocked_keywords: [] } as const
  const onContent = (over: Partial<PolicyDocument['content']>) => samplePolicy({ content: { ...content, ...over } })
  expect(dependsOnFindings(samplePolicy())).toBe(false)
  expect(dependsOnFindings(onContent({ personal_data: 'redact' }))).toBe(true)
  expect(dependsOnFindings(onContent({ secrets: 'block' }))).toBe(true)
  expect(dependsOnFindings(onContent({ blocked_keywords: ['x'] }))).toBe(true)
  expect(dependsOnFindings(samplePolicy({ labels_of_findings: { ssn: ['phi'] } }))).toBe(true)
  const rule = 'forbid (principal, action, resource) when { context.findings.contains("ssn") };'
  expect(dependsOnFindings(samplePolicy({}, `${permitAll} ${rule}`))).toBe(true)
  expect(dependsOnFindings(samplePolicy({}, `${permitAll} ${rule.replace('findings', '["find\\u{69}ngs"]')}`))).toBe(
    true,
  )
})

test('a rule of the policy sees what was found, where nothing else depends on it', async () => {
  const rule = '@id("no_ssn") forbid (principal, action, resource) when { context.findings.contains("ssn") };'
  const policy = samplePolicy({}, `${permitAll} ${rule}`)
  expect((await verify(policy, { text: ssn })).decision.rules).toEqual(['policy:no_ssn'])
  expect((await verify(policy, { text: 'none' })).decision.answer).toBe('allow')
})

test('the same call gives the same verdict, and redacted arguments have one canonical text', async () => {
  const input = { b: `x ${ssn}`, a: { [ssn]: [true, null, 4111111111111111], z: `"${github}\\n` } }
  const first = await verify(policies.hipaa, input)
  expect(await verify(policies.hipaa, structuredClone(input))).toEqual(first)
  expect(canonicalText(first.redacted)).toBe(
    '{"a":{"[redacted:ssn]":[true,null,"[redacted:credit_card]"],"z":"\\"[redacted:secret:github]\\\\n"},"b":"x [redacted:ssn]"}',
  )
  expect(await verify(policies.hipaa, first.redacted ?? {})).toMatchObject({ redacted: undefined })
  const once = inspect(policies.hipaa, `${ssn} and ${github}`)
  expect(inspect(policies.hipaa, `${ssn} and ${github}`)).toEqual(once)
  expect(inspect(policies.hipaa, once.output)).toEqual({ output: once.output, labels: [], detectors: [] })
})
