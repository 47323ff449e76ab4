import { expect, test } from 'vitest'
import type { JsonValue } from '../domain/json.ts'
import { noUsage } from '../domain/usage.ts'
import type { ModelDelta, ModelResponse } from '../model/model.ts'
import { keepableResponse, wellFormedDeltas } from './keepable-response.ts'

const response: ModelResponse = {
  text: 'a\ud800',
  reasoning: '\udc00b',
  finish: 'stop\ud800',
  usage: noUsage,
  toolCalls: [{ id: 'c\ud800', tool: 't\ud800', input: { 'n\ud800': ['\udfff'] } }],
  messages: [{ role: 'assistant', content: [{ type: 'text', text: 'a\ud800' }] }],
}

test('every text of a response has U+FFFD in place of a lone surrogate', () => {
  const kept = keepableResponse(response, 64)
  expect(kept).toEqual({
    text: 'a\ufffd',
    reasoning: '\ufffdb',
    finish: 'stop\ufffd',
    usage: noUsage,
    toolCalls: [{ id: 'c\ufffd', tool: 't\ufffd', input: { 'n\ufffd': ['\ufffd'] } }],
    messages: [{ role: 'assistant', content: [{ type: 'text', text: 'a\ufffd' }] }],
  })
})

const nested = (levels: number): JsonValue => (levels === 0 ? 1 : [nested(levels - 1)])
const calling = (input: JsonValue): ModelResponse => ({
  ...response,
  toolCalls: [{ id: 'c', tool: 't', input }],
  messages: [{ role: 'assistant', content: [{ type: 'tool-call', input }] }],
})

test('arguments as deep as the limit are kept, and so is what the provider said verbatim', () => {
  const given = calling(nested(64))
  expect(keepableResponse(given, 64)).toMatchObject({ toolCalls: given.toolCalls, messages: given.messages })
})

test('deeper ones become a text that says so, without the verbatim messages', () => {
  const kept = keepableResponse(calling(nested(73)), 64)
  const instead = '[the arguments were nested more than 64 levels deep (json_depth_max)]'
  expect(kept.toolCalls).toEqual([{ id: 'c', tool: 't', input: instead }])
  expect(kept.messages).toBeNull()
  expect(keepableResponse(calling(nested(65)), 64).toolCalls[0]?.input).toBe(instead)
})

test('the two halves of a character that come in two deltas are one character', () => {
  const passed: ModelDelta[] = []
  const deltas = wellFormedDeltas((delta) => passed.push(delta))
  deltas.take({ kind: 'text', text: 'a\ud83d' })
  deltas.take({ kind: 'reasoning', text: 'x' })
  deltas.take({ kind: 'text', text: '\ude00b' })
  deltas.take({ kind: 'text', text: '\ude00' })
  deltas.take({ kind: 'text', text: '\ud83d' })
  deltas.end()
  expect(passed).toEqual([
    { kind: 'text', text: 'a' },
    { kind: 'reasoning', text: 'x' },
    { kind: 'text', text: '\u{1f600}b' },
    { kind: 'text', text: '\ufffd' },
    { kind: 'text', text: '\ufffd' },
  ])
})
