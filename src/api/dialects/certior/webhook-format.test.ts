import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certiorWebhookFormat, sortedJson } from './webhook-format.ts'

test('names are in order at every depth, and only ASCII is written', () => {
  const value = { b: [1, { d: null, c: true }], a: 'é "\u007f😀', skipped: undefined }
  expect(sortedJson(value)).toBe('{"a": "\\u00e9 \\"\\u007f\\ud83d\\ude00", "b": [1, {"c": true, "d": null}]}')
})

test('what is read from it and written again is the same text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = sortedJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(sortedJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test('the signature is over the body as it is sent, and a delivery has one id', () => {
  const headersOf = (deliveryId: string, body: string) =>
    certiorWebhookFormat.headers?.({ deliveryId, body, secret: 'whsec_AAAA' }) ?? {}
  const headers = headersOf('7', '{"a": 1}')
  expect(headers).toEqual({
    'user-agent': 'Certior-Webhook/1.0',
    'x-certior-delivery': expect.stringMatching(/^wh_[0-9a-f]{12}$/u),
    'x-certior-signature': createHmac('sha256', 'whsec_AAAA').update('{"a": 1}').digest('hex'),
  })
  expect(headersOf('7', '{}')['x-certior-delivery']).toBe(headers['x-certior-delivery'])
  expect(headersOf('8', '{}')['x-certior-delivery']).not.toBe(headers['x-certior-delivery'])
})
