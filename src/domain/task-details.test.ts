import { expect, test } from 'vitest'
import type { Content } from './content.ts'
import type { EventFacts, EventOf } from './event.ts'
import { detailsOf, detailsText, purgedDetails, type TaskDetails, withoutPrivate } from './task-details.ts'

const details: TaskDetails = { title: 'A title', metadata: { n: [1] }, extension: { kept: 1, private: { name: 'x' } } }
const facts: EventFacts['task.submitted'] = {
  owner: 'user',
  team: null,
  agent: 'agent',
  dialect: 'native',
  visibility: 'private',
  parent: null,
  root: 'task',
  budget: { micros_usd: 1, tokens: 1, steps: 1 },
  labels: [],
}
const submitted = (contents: Record<string, string>, more: object = {}): EventOf<'task.submitted'> => ({
  seq: 1,
  kind: 'task.submitted',
  run: null,
  attempt: null,
  at: 1,
  facts: { ...facts, ...more },
  contents,
})
const content = (body: string): Content => ({
  digest: 'sha256:1',
  salt: '00',
  mediaType: 'application/json',
  sealed: false,
  body,
})

test('details are what the content says, and stand-ins where it is gone', () => {
  const event = submitted({ details: 'sha256:1' })
  expect(detailsOf(event, content(detailsText(details)))).toEqual(details)
  expect(detailsOf(event, undefined)).toEqual(purgedDetails)
})

test('tasks of the first version have them among the facts', () => {
  expect(detailsOf(submitted({}, details), undefined)).toEqual(details)
  expect(detailsOf(submitted({}), undefined)).toEqual(purgedDetails)
})

test('of what a dialect keeps, only what it keeps apart is private', () => {
  expect(withoutPrivate(details.extension)).toEqual({ kept: 1 })
  expect(withoutPrivate({})).toEqual({})
})
