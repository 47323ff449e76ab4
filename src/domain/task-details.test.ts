import { expect, test } from 'vitest'
import type { Content } from './content.ts'
import { detailsOf, detailsText, purgedDetails, type TaskDetails, withoutPrivate } from './task-details.ts'

const details: TaskDetails = { title: 'A title', metadata: { n: [1] }, extension: { kept: 1, private: { name: 'x' } } }
const content = (body: string): Content => ({
  digest: 'sha256:1',
  salt: '00',
  mediaType: 'application/json',
  sealed: false,
  body,
})

test('details are what the content says, and stand-ins where it is gone', () => {
  expect(detailsOf(content(detailsText(details)))).toEqual(details)
  expect(detailsOf(undefined)).toEqual(purgedDetails)
})

test('of what a dialect keeps, only what it keeps apart is private', () => {
  expect(withoutPrivate(details.extension)).toEqual({ kept: 1 })
  expect(withoutPrivate({})).toEqual({})
})
