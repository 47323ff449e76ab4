import { afterEach, expect, test } from 'vitest'
import { createEngineWorld, type EngineWorld } from '../../test/support/create-engine-world.ts'
import { openAttempt } from '../../test/support/open-attempt.ts'
import { createScriptedTool } from '../../test/support/scripted-tool.ts'
import { testPolicy } from '../../test/support/test-policies.ts'
import type { Access } from '../domain/decision.ts'
import type { Attempt } from './attempt.ts'
import { inspectResult } from './inspect-result.ts'

const content = { personal_data: 'redact', secrets: 'redact', blocked_keywords: [] } as const
const pathLabels = [
  { path: 'hr/*', labels: ['hr'] },
  { path: 'other/*', labels: ['other'] },
]

let world: EngineWorld
afterEach(() => world.close())

async function open(): Promise<Attempt> {
  world = await createEngineWorld({ agent: { pathLabels } })
  const policy = testPolicy({ content, labels_of_findings: { ssn: ['phi', 'own'] } })
  return { ...(await openAttempt(world)), policy }
}

function toolAt(path: string | null, access: Access = 'read') {
  return createScriptedTool('note', () => '', { labels: ['own'], access, facetsOf: () => ({ host: null, path }) })
}

test('a result without findings is kept as the model reads it, with the labels of its tool', async () => {
  const inspected = await inspectResult(await open(), toolAt(null), {}, 'all is well')
  expect(inspected).toMatchObject({ output: 'all is well', findings: undefined, labels: ['own'] })
  expect(inspected.result).toMatchObject({ body: 'all is well', mediaType: 'text/plain' })
})

test('a result is kept only after redaction, its findings stand beside it, and each label stands once', async () => {
  const inspected = await inspectResult(await open(), toolAt('hr/staff.csv'), {}, 'it says 123-45-6789.')
  expect(inspected.output).toBe('it says [redacted:ssn].')
  expect(inspected.result.body).toBe(inspected.output)
  expect(JSON.parse(String(inspected.findings?.body))).toMatchObject([{ detector: 'ssn', start: 8, end: 19 }])
  expect(inspected.findings?.mediaType).toBe('application/json')
  expect(inspected.labels).toEqual(['hr', 'own', 'phi'])
})

test('what a tool only writes to brings no label of its path, unlike what it may read', async () => {
  const attempt = await open()
  const labelsOf = async (access: Access) => (await inspectResult(attempt, toolAt('hr/a', access), {}, 'x')).labels
  expect(await labelsOf('write')).toEqual(['own'])
  expect(await labelsOf('execute')).toEqual(['hr', 'own'])
})

test('half a character in a result is shown and kept as the character that stands for it', async () => {
  const inspected = await inspectResult(await open(), toolAt(null), {}, 'a\ud800')
  expect(inspected).toMatchObject({ output: 'a\ufffd', result: { body: 'a\ufffd' } })
})
