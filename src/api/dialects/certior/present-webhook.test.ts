import fc from 'fast-check'
import { expect, it } from 'vitest'
import { webhookHeaders } from './present-webhook.ts'
import { sortedJson } from './sorted-json.ts'

it('names are in order at every depth, and only ASCII is written', () => {
  const value = { b: [1, { d: null, c: true }], a: 'é "\u007f😀', skipped: undefined }
  expect(sortedJson(value)).toBe('{"a": "\\u00e9 \\"\\u007f\\ud83d\\ude00", "b": [1, {"c": true, "d": null}]}')
})

it('what is read from it and written again is the same text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = sortedJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(sortedJson(JSON.parse(text))).toBe(text)
    }),
  )
})

it('the signature is over the body as it is sent, and a delivery has one id', () => {
  const headers = webhookHeaders('7', '{"a": 1}', 'secret')
  expect(headers).toEqual({
    'content-type': 'application/json',
    'user-agent': 'Certior-Webhook/1.0',
    'x-certior-delivery': expect.stringMatching(/^wh_[0-9a-f]{12}$/u),
    'x-certior-signature': '9efa14a18410a57a432fbf0ce38d4bc33339036a64e57b8c86da0bb1e122d972',
  })
  expect(webhookHeaders('7', '{}', 'secret')['x-certior-delivery']).toBe(headers['x-certior-delivery'])
  expect(webhookHeaders('8', '{}', 'secret')['x-certior-delivery']).not.toBe(headers['x-certior-delivery'])
})
