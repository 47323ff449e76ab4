import { expect, test } from 'vitest'
import { Refusal } from './refusal.ts'
import { isStorageUnavailable, refusingDiskErrors, storageUnavailable } from './storage-unavailable.ts'

const diskError = (code: unknown) => Object.assign(new Error('raw words'), { code })

test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE'])(
  'the disk error %s makes the work wait, whoever writes there',
  (code) => {
    const error = diskError(code)
    for (const own of [true, false]) {
      const refusal = storageUnavailable(error, 'A file could not be kept', own)
      expect(refusal).toMatchObject({ code: 'storage_unavailable', retryAfterMs: 1_000, cause: error })
      expect(refusal?.message).toBe(`A file could not be kept: the disk answered ${code}.`)
    }
  },
)

test.each(['EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOENT'])(
  'what may be wrong with one file only (%s) makes it wait only where the folder is the server’s own',
  (code) => {
    expect(storageUnavailable(diskError(code), 'x', true)?.message).toBe(`x: the disk answered ${code}.`)
    expect(storageUnavailable(diskError(code), 'x', false)).toBeUndefined()
  },
)

test.each<[string, unknown]>([
  ['an error with another code', diskError('EINVAL')],
  ['an error without a code', new Error('x')],
  ['an error whose code is no text', diskError(28)],
  ['an error whose code is a list', diskError(['EIO'])],
  ['no error', { code: 'EIO' }],
  ['a text', 'EIO'],
  ['nothing', undefined],
])('%s is not one of the disk', (_what, error) => {
  expect(storageUnavailable(error, 'x', true)).toBeUndefined()
})

test('the store refuses for now only when it is unavailable or overloaded', () => {
  expect(isStorageUnavailable(new Refusal('storage_unavailable', 'x'))).toBe(true)
  expect(isStorageUnavailable(new Refusal('overloaded', 'x'))).toBe(true)
  expect(isStorageUnavailable(new Refusal('internal', 'x'))).toBe(false)
  expect(isStorageUnavailable(diskError('EIO'))).toBe(false)
})

test('work that ends well gives its result, a disk error is converted, and any other error stays itself', async () => {
  const other = new Error('other')
  const run = (work: () => Promise<number>) => refusingDiskErrors('x', false, work)
  await expect(run(async () => 7)).resolves.toBe(7)
  await expect(run(() => Promise.reject(diskError('EIO')))).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(run(() => Promise.reject(other))).rejects.toBe(other)
})
