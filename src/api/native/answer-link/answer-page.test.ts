import { expect, test } from 'vitest'
import { sampleTask } from '../../../../test/support/sample-tasks.ts'
import type { JsonObject } from '../../../domain/json.ts'
import type { Prompt, PromptKind } from '../../../domain/prompt.ts'
import { answerPage } from './answer-page.ts'

const { task } = sampleTask()
const promptOf = (kind: PromptKind): Prompt => ({
  ...{
    id: 'p',
    taskId: task.id,
    runId: task.runId,
    ownerId: 'o',
    teamId: null,
    kind,
    step: 1,
    action: 'a',
    tool: 'send',
  },
  ...{ categories: ['<money>'], version: 4, payload: 'sha256:1', state: 'open', openedAt: 1, expiresAt: null },
  ...{ onExpiry: 'deny', settledAt: null, outcome: null, answeredBy: null, answer: null },
})
const pageOf = (kind: PromptKind, payload: JsonObject | undefined, problem?: string) =>
  answerPage({ prompt: promptOf(kind), task: { ...task, title: 'a "title"\u202e' }, payload }, problem)

test('a question has a field for each item, and buttons that answer and decline', () => {
  const item = (over: object) => ({ id: 'x', question: 'Q?', options: [], multiple: false, default: null, ...over })
  const questions = [item({ options: ['<r>', 'b'] }), item({ options: ['c'], multiple: true }), item({})]
  const page = pageOf('question', { questions })
  expect(page.match(/<input type="radio" name="a0" value="[01]" required>/gu)).toHaveLength(2)
  expect(page).toContain('<bdi>&lt;r&gt;</bdi>')
  expect(page).toContain('<input type="checkbox" name="a1" value="0">')
  expect(page).toContain('<textarea name="a2" rows="3" required>')
  expect(page).toContain('<input type="hidden" name="version" value="4">')
  expect(page.match(/name="outcome" value="\w+"/gu)).toEqual([
    'name="outcome" value="answered"',
    'name="outcome" value="declined"',
  ])
})

test.each(['approval', 'plan', 'budget'] as const)(
  'a prompt of kind %s shows all of its payload and is approved or denied',
  (kind) => {
    const page = pageOf(kind, { arguments: '{"a": "<b>"}', reason: 'why', schema: { type: 'object' } })
    expect(page).toContain('<pre><bdo dir="ltr">{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</bdo></pre>')
    expect(page).toContain('&quot;reason&quot;: &quot;why&quot;')
    expect(page).not.toContain('schema')
    expect(page.match(/value="(?:approved|denied|answered|declined)"/gu)).toEqual([
      'value="approved"',
      'value="denied"',
    ])
  },
)

test('what the task says of itself leaves no mark but the one of what is not seen', () => {
  const page = pageOf('approval', {})
  expect(page).toContain('a &quot;title&quot;<mark>\\u{202e}</mark>')
  expect(page).toContain('&lt;money&gt;')
})

test('what was purged cannot be answered, and what was wrong is said', () => {
  const page = pageOf('question', undefined, '<no>')
  expect(page).toContain('What was asked is deleted.')
  expect(page).toContain('&lt;no&gt;')
  expect(page).not.toContain('<form')
})
