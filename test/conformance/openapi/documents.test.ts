import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialects } from '../../../src/domain/principal.ts'
import { createWorld, type World } from '../../support/create-world.ts'
import { resolveReferences } from '../../support/resolve-references.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly headers: object }>>
}
interface Document {
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let world: World
beforeAll(async () => {
  world = await createWorld({ started: false })
})
afterAll(() => world.close())

describe.each(dialects)('the document of %s', (dialect) => {
  let text: string
  let document: Document
  let operations: Operation[]
  beforeAll(async () => {
    const mount = dialect === 'native' ? 'mandate' : dialect
    text = (await world.app.inject(`/${mount}/openapi.json`)).body
    document = JSON.parse(text)
    operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  })

  test('is under 250 kB and says once what many operations share', () => {
    expect(text.length).toBeLessThan(250_000)
    expect(Object.keys(document.components.schemas).length).toBeGreaterThan(4)
    expect(text.split('"X-Request-Id":{"description"').length).toBe(2)
  })

  test('gives every operation a name of its own, a tag that it describes, and words', () => {
    expect(operations.length).toBeGreaterThan(4)
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
    const tags = document.tags.map(({ name }) => name)
    for (const { operationId, tags: own, summary, description } of operations) {
      expect(operationId).toMatch(/^[a-z][A-Za-z]+$/)
      expect(tags).toEqual(expect.arrayContaining([...own]))
      expect([own.length, summary.length > 5, description.length > 5]).toEqual([1, true, true])
    }
    const used = new Set(operations.flatMap(({ tags: own }) => own))
    expect(tags.filter((name) => !used.has(name))).toEqual([])
  })

  test('has no parameter without a name, and no body where the status allows none', () => {
    expect(Object.keys(document.paths).filter((path) => /[*]/u.test(path))).toEqual([])
    for (const { operationId, responses } of operations) expect(responses['204']?.content, operationId).toBeUndefined()
  })

  test('refers to nothing that is not there', () => {
    expect(() => resolveReferences(document)).not.toThrow()
  })
})

test.each(dialects)('every file of the contract of %s has its schemas among the components', (dialect) => {
  const path = dialect === 'native' ? 'native' : `dialects/${dialect}`
  const folder = new URL(`../../../src/api/${path}/contract/`, import.meta.url)
  const all = readFileSync(new URL('all-schemas.ts', folder), 'utf8')
  const files = readdirSync(folder).filter((name) => name !== 'all-schemas.ts' && !name.endsWith('.test.ts'))
  const exporting = files.filter((name) =>
    /^export const \w+Schema\b/mu.test(readFileSync(new URL(name, folder), 'utf8')),
  )
  expect(exporting.length).toBeGreaterThan(2)
  for (const name of exporting) expect(all).toContain(`from './${name}'`)
})
