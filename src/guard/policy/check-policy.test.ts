import { expect, test } from 'vitest'
import { permitAll, sampleDocument } from '../../../test/support/sample-inputs.ts'
import { digestPolicy } from '../../proof/digests.ts'
import { checkPolicy } from './check-policy.ts'

const document = sampleDocument()
const documentText = JSON.stringify(document)
const places = (texts: Parameters<typeof checkPolicy>[0]) => checkPolicy(texts).problems?.map(({ where }) => where)

test('two sound texts are a version of a policy under the digest of both', () => {
  expect(checkPolicy({ documentText, cedarText: permitAll })).toEqual({
    ok: { digest: digestPolicy({ document, cedar: permitAll }), document, cedar: permitAll },
  })
})

test('a fault of either text is a problem, and the faults of both are told at once', () => {
  const wrong = JSON.stringify({ ...document, retention_days: 0 })
  expect(places({ documentText: wrong, cedarText: permitAll })).toEqual(['document'])
  expect(places({ documentText, cedarText: 'permit (' })).toEqual(['cedar'])
  expect(places({ documentText: wrong, cedarText: 'permit (' })).toEqual(['document', 'cedar'])
})
