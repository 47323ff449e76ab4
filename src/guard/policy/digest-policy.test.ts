import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { PolicyDocument } from '../../domain/policy.ts'
import { permitAll, sampleDocument } from '../sample-inputs.ts'
import { digestPolicy } from './digest-policy.ts'

test('the digest is over the canonical bytes of both texts, in whatever order the document was written', () => {
  const document = sampleDocument()
  const digest = digestPolicy({ document, cedar: permitAll })
  // As PolicyDocument has no other members, their order is all that can differ.
  const turned = Object.fromEntries(Object.entries(document).reverse()) as unknown as PolicyDocument
  expect(digestPolicy({ document: turned, cedar: permitAll })).toBe(digest)
  expect(digestPolicy({ document, cedar: `${permitAll} ` })).not.toBe(digest)
  expect(digestPolicy({ document: { ...document, retention_days: 31 }, cedar: permitAll })).not.toBe(digest)
})

test('it is what anybody computes from the bytes', () => {
  const document = { b: 1, a: 'é' } as unknown as PolicyDocument
  const bytes = '{"cedar":"x","document":{"a":"é","b":1}}'
  expect(digestPolicy({ document, cedar: 'x' })).toBe(`sha256:${hash('sha256', bytes, 'hex')}`)
})
