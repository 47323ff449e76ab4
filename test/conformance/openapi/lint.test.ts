import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dialects } from '../../../src/domain/principal.ts'
import { readDocuments } from '../../support/read-documents.ts'

let documents: Awaited<ReturnType<typeof readDocuments>>
beforeAll(async () => {
  documents = await readDocuments()
})
afterAll(() => documents.close())

/** Rules that a document breaks because the original API has such paths. Shinzo's are told apart by the router. */
const accepted: Readonly<Record<string, Record<string, 'off'>>> = { shinzo: { 'no-ambiguous-paths': 'off' } }

async function lintWithRedocly(text: string, rules: Record<string, 'off'>) {
  const config = await createConfig({ extends: ['recommended-strict'], rules })
  const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config })
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`)
}

async function lintWithSpectral(text: string) {
  const linter = new spectral.Spectral()
  linter.setRuleset({ extends: [[rulesets.oas as RulesetDefinition, 'recommended']] })
  const problems = await linter.run(text)
  return problems.map(({ code, message, path }) => `${code} ${path.join('/')}: ${message}`)
}

test.each(dialects)('Spectral and Redocly find nothing in the document of %s', async (dialect) => {
  const text = documents.textOf(dialect)
  expect(await lintWithSpectral(text)).toEqual([])
  expect(await lintWithRedocly(text, accepted[dialect] ?? {})).toEqual([])
})

test('both linters see an operation without a name and a path parameter that nobody declares', async () => {
  const document = JSON.parse(documents.textOf('native'))
  delete document.paths['/v1/tasks'].get.operationId
  document.paths['/v1/nothing/{id}'] = { get: document.paths['/v1/tasks'].get }
  const text = JSON.stringify(document)
  const found = [await lintWithSpectral(text), await lintWithRedocly(text, {})].map((problems) => problems.join('\n'))
  expect(found[0]).toMatch(/operation-operationId [\s\S]*path-params /u)
  expect(found[1]).toMatch(/operation-operationId [\s\S]*path-parameters-defined /u)
})
