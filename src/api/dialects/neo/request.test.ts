import { expect, test } from 'vitest'
import { wantsJson } from './request.ts'

test.each([
  ['json', 'text/event-stream', true],
  ['sse', 'application/json', false],
  [undefined, undefined, false],
  [undefined, '*/*', false],
  [undefined, 'application/json', true],
  [undefined, 'Application/JSON; charset=utf-8', true],
  [undefined, 'text/event-stream', false],
  [undefined, 'application/json, text/plain, */*', true],
  [undefined, 'application/json, text/event-stream', true],
  [undefined, 'application/json;q=0.5, text/event-stream', false],
  [undefined, 'application/json;q=0, */*', false],
  [undefined, 'application/json;q=abc', false],
  [undefined, 'application/json-seq', false],
] as const)('response_format %s and Accept %s: JSON is %s', (format, accept, json) => {
  expect(wantsJson(format, accept)).toBe(json)
})
