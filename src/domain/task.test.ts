import { expect, test } from 'vitest'
import { sampleTask } from '../../test/support/sample-tasks.ts'
import { ignoredFieldsOf } from './task.ts'

test('the ignored fields of a run are the texts that its dialect kept under that name', () => {
  const of = (runExtension: object) => ignoredFieldsOf(sampleTask({ runExtension: runExtension as never }).run)
  expect(of({ ignored_fields: ['top_k', 7, 'seed'] })).toEqual(['top_k', 'seed'])
  expect(of({ ignored_fields: 'top_k' })).toEqual([])
  expect(of({})).toEqual([])
})
