import { expect, test } from 'vitest'
import { testFetchLimits } from '../../../../test/support/tool-limits.ts'
import { createFakeClock } from '../../../clock/fake/create-fake-clock.ts'
import type { FetchLimits } from './fetch-limits.ts'
import { type ConvertPage, createPageConverter } from './page-converter.ts'

/** Pages whose conversion lasts until it is told to end. */
function open(change: Partial<FetchLimits> = {}) {
  const clock = createFakeClock()
  const ends: ((markdown: string) => void)[] = []
  const convert: ConvertPage = () => new Promise((resolve) => ends.push(resolve))
  const converter = createPageConverter({ ...testFetchLimits, ...change }, convert)
  const page = (name: string, signal = new AbortController().signal) => {
    const result = converter({ html: '<p>heavy', url: `https://example.test/${name}` }, { clock, signal })
    result.catch(() => undefined)
    return result
  }
  return { clock, ends, page }
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('of 32 heavy pages two are converted, and each other is told why it was not', async () => {
  const { clock, ends, page } = open()
  const pages = Array.from({ length: 32 }, (_, index) => page(String(index)))
  await turn()
  expect(ends).toHaveLength(2)
  clock.advance(testFetchLimits.conversionWaitMs)
  for (const [index, waiting] of pages.slice(2).entries()) {
    await expect(waiting).rejects.toMatchObject({
      code: 'converters_busy',
      message: `https://example.test/${index + 2} was not converted to text: for 45000 ms (fetch_conversion_wait_ms) as many other pages were being converted as may be at once (2, fetch_conversions_running_max). Fetch it again later.`,
    })
  }
  for (const end of ends) end('text')
  expect(await Promise.all(pages.slice(0, 2))).toEqual(['text', 'text'])
  expect(clock.waiting).toBe(0)
})

test('what waits is converted as soon as a place is free, and takes its own time then', async () => {
  const { clock, ends, page } = open({ conversionsMax: 1 })
  const first = page('first')
  const second = page('second')
  await turn()
  clock.advance(44_999)
  ends[0]?.('first text')
  expect(await first).toBe('first text')
  await turn()
  clock.advance(10_000)
  ends[1]?.('second text')
  expect(await second).toBe('second text')
})

test('a page that is too large does not wait for its refusal', async () => {
  const { page, ends } = open({ conversionsMax: 1, htmlBytesMax: 7 })
  await expect(page('large')).rejects.toMatchObject({ code: 'page_too_large' })
  expect(ends).toHaveLength(0)
})

test('a page that waits is left as soon as its action is aborted', async () => {
  const { clock, ends, page } = open({ conversionsMax: 1 })
  const first = page('first')
  const cancel = new AbortController()
  const second = page('second', cancel.signal)
  await turn()
  const reason = new Error('cancelled')
  cancel.abort(reason)
  await expect(second).rejects.toBe(reason)
  ends[0]?.('text')
  await first
  expect(clock.waiting).toBe(0)
})
