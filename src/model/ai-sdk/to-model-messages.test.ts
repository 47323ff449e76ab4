import type { ModelMessage } from 'ai'
import { describe, expect, test } from 'vitest'
import type { ConversationMessage } from '../model.ts'
import { toModelMessages, verbatimMessages } from './to-model-messages.ts'

const choice = { provider: 'anthropic', model: 'm', name: null, options: {} }
const signed: ModelMessage[] = [
  {
    role: 'assistant',
    content: [{ type: 'reasoning', text: 'hm', providerOptions: { anthropic: { signature: 's' } } }],
  },
]

const said = (provider: string, model: string): ConversationMessage => ({
  role: 'assistant',
  text: 'Hello.',
  toolCalls: [{ id: 'c1', tool: 'read_file', input: '{"oops', invalid: 'not JSON' }],
  verbatim: { provider, model, messages: verbatimMessages(signed) },
})

describe('toModelMessages', () => {
  test('gives a provider and model their own messages back verbatim', () => {
    expect(toModelMessages([said('anthropic', 'm')], choice)).toEqual(signed)
  })

  test('tells another provider or model the plain words, with nothing but objects as inputs', () => {
    const plain = [
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Hello.' },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'read_file', input: {} },
        ],
      },
    ]
    expect(toModelMessages([said('anthropic', 'other')], choice)).toEqual(plain)
    expect(toModelMessages([said('openai', 'm')], choice)).toEqual(plain)
  })

  test('joins the results of one step into one message, and leaves an empty turn out', () => {
    const result = (callId: string, failed: boolean): ConversationMessage => {
      return { role: 'tool', callId, tool: 'read_file', failed, output: callId }
    }
    const empty: ConversationMessage = { role: 'assistant', text: '', toolCalls: [], verbatim: null }
    expect(
      toModelMessages([result('a', false), result('b', true), empty, { role: 'user', text: 'go' }], choice),
    ).toEqual([
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'a', toolName: 'read_file', output: { type: 'text', value: 'a' } },
          { type: 'tool-result', toolCallId: 'b', toolName: 'read_file', output: { type: 'error-text', value: 'b' } },
        ],
      },
      { role: 'user', content: 'go' },
    ])
  })

  test('does not let a call change what is kept', () => {
    const kept = said('anthropic', 'm')
    const before = structuredClone(kept)
    const [message] = toModelMessages(
      [kept, { role: 'tool', callId: 'c1', tool: 'x', failed: false, output: '' }],
      choice,
    )
    if (message?.role === 'assistant') message.content = 'changed'
    expect(kept).toEqual(before)
  })
})
