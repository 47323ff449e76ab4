import { expect, test } from 'vitest'
import type { Content } from '../domain/content.ts'
import { contentOf } from '../proof/digests.ts'
import { nothingPending, readInstructions } from './attempt.ts'

const salt = '0'.repeat(32)
const brief = contentOf(salt, 'Be brief.', 'text/plain')

/** A store that holds these contents and tells what was asked of it. */
function holding(...contents: readonly Content[]) {
  const asked: string[] = []
  return {
    asked,
    async readContents(digests: readonly string[]) {
      asked.push(...digests)
      return new Map(contents.filter(({ digest }) => digests.includes(digest)).map((one) => [one.digest, one]))
    },
  }
}

test('the instructions of an agent come before the notice of what is held back, with a line between', async () => {
  const read = await readInstructions(holding(brief), { instructions: brief.digest, notice: 'No mail.' })
  expect(read).toBe('Be brief.\n\nNo mail.')
})

test('either of both stands alone', async () => {
  expect(await readInstructions(holding(brief), { instructions: brief.digest })).toBe('Be brief.')
  expect(await readInstructions(holding(), { instructions: null, notice: 'No mail.' })).toBe('No mail.')
})

test('a run without both has no instructions, and the store is not asked for any', async () => {
  const store = holding(brief)
  expect(await readInstructions(store, { instructions: null })).toBeNull()
  expect(store.asked).toEqual([])
})

test('instructions that are gone or no text are left out', async () => {
  const bytes = { ...brief, body: new Uint8Array([1, 2]) }
  expect(await readInstructions(holding(), { instructions: brief.digest })).toBeNull()
  expect(await readInstructions(holding(bytes), { instructions: brief.digest, notice: 'No mail.' })).toBe('No mail.')
})

test('what is pending in one place does not show up in another', () => {
  nothingPending().contents.push(brief)
  expect(nothingPending()).toEqual({ events: [], contents: [], statements: [] })
})
