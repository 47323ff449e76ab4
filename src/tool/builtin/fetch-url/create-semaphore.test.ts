import { expect, test } from 'vitest'
import { createSemaphore } from './create-semaphore.ts'

const never = new AbortController().signal

test('so many run at once; the others follow in order as places come free, failures included', async () => {
  const semaphore = createSemaphore(2)
  const started: number[] = []
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  const results = ends.map(({ promise }, index) =>
    semaphore(never, () => {
      started.push(index)
      return promise
    }),
  )
  await Promise.resolve()
  expect(started).toEqual([0, 1])
  ends[1]?.reject(new Error('broken'))
  await expect(results[1]).rejects.toThrow('broken')
  await Promise.resolve()
  expect(started).toEqual([0, 1, 2])
  for (const end of ends) end.resolve()
  await Promise.all([results[0], results[2], results[3]])
  expect(started).toEqual([0, 1, 2, 3])
})

test('who is aborted while waiting leaves the queue and takes no place', async () => {
  const semaphore = createSemaphore(1)
  const first = Promise.withResolvers<void>()
  const running = semaphore(never, () => first.promise)
  const cancel = new AbortController()
  const waiting = semaphore(cancel.signal, async () => 'ran')
  cancel.abort(new Error('cancelled'))
  await expect(waiting).rejects.toThrow('cancelled')
  first.resolve()
  await running
  expect(await semaphore(never, async () => 'next')).toBe('next')
})
