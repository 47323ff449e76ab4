import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BlobStore } from './blob.ts'

/** What every BlobStore promises. `open` gives an empty store and what removes it. */
export function describeBlobStore(
  name: string,
  open: () => Promise<{ blobs: BlobStore; remove: () => Promise<void> }>,
): void {
  const withBlobs = async (body: (blobs: BlobStore) => Promise<void>) => {
    const { blobs, remove } = await open()
    try {
      await body(blobs)
    } finally {
      await remove()
    }
  }

  describe(`${name} keeps the promises of a blob store`, () => {
    test('the digest is the plain SHA-256 of the bytes', () =>
      withBlobs(async (blobs) => {
        const bytes = Buffer.from('hello')
        expect(await blobs.put(bytes)).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
      }))

    test('what was put is what is got, empty and large ones too', () =>
      withBlobs(async (blobs) => {
        for (const bytes of [new Uint8Array(), Buffer.from([0, 255, 10]), Buffer.alloc(3_000_000, 'ab')]) {
          const got = await blobs.get(await blobs.put(bytes))
          expect(got !== undefined && Buffer.from(bytes).equals(got)).toBe(true)
        }
      }))

    test('an unknown digest gives nothing', () =>
      withBlobs(async (blobs) => {
        expect(await blobs.get(`sha256:${'0'.repeat(64)}`)).toBeUndefined()
      }))

    test('what is not a digest is an error, not a path', () =>
      withBlobs(async (blobs) => {
        for (const digest of ['', 'sha256:', `sha256:${'A'.repeat(64)}`, `sha256:../../${'0'.repeat(58)}`]) {
          await expect(blobs.get(digest)).rejects.toThrow('Not a digest')
        }
      }))

    test('the same bytes put many times at once give one digest', () =>
      withBlobs(async (blobs) => {
        const digests = await Promise.all(Array.from({ length: 20 }, () => blobs.put(Buffer.from('same'))))
        expect(new Set(digests).size).toBe(1)
        expect(Buffer.from((await blobs.get(digests[0] ?? '')) ?? []).toString()).toBe('same')
      }))

    test('what was removed is gone, also when it never was there, and can be put again', () =>
      withBlobs(async (blobs) => {
        const digest = await blobs.put(Buffer.from('forget me'))
        const other = await blobs.put(Buffer.from('keep me'))
        expect(await blobs.remove(digest, Number.POSITIVE_INFINITY)).toBe(true)
        expect(await blobs.get(digest)).toBeUndefined()
        expect(await blobs.remove(digest, Number.POSITIVE_INFINITY)).toBe(true)
        expect(Buffer.from((await blobs.get(other)) ?? []).toString()).toBe('keep me')
        expect(await blobs.put(Buffer.from('forget me'))).toBe(digest)
        expect(Buffer.from((await blobs.get(digest)) ?? []).toString()).toBe('forget me')
        await expect(blobs.remove('../../etc/passwd', 0)).rejects.toThrow('Not a digest')
      }))

    test('what was put since is not removed, also when it was there before', () =>
      withBlobs(async (blobs) => {
        const digest = await blobs.put(Buffer.from('wanted'))
        expect(await blobs.remove(digest, 0)).toBe(false)
        const since = Date.now()
        await blobs.put(Buffer.from('wanted'))
        expect(await blobs.remove(digest, since)).toBe(false)
        expect(Buffer.from((await blobs.get(digest)) ?? []).toString()).toBe('wanted')
      }))

    test('puts and removals at the same moment leave every put that was acknowledged', () =>
      withBlobs(async (blobs) => {
        for (let round = 0; round < 20; round += 1) {
          const since = Date.now()
          const removed = blobs.remove(await blobs.put(Buffer.from('contended')), since)
          const [digest] = await Promise.all([blobs.put(Buffer.from('contended')), removed])
          expect(await blobs.get(digest)).toBeDefined()
        }
      }))

    test('changing the bytes that were handed out or in changes no blob', () =>
      withBlobs(async (blobs) => {
        const bytes = Buffer.from('original')
        const put = blobs.put(bytes)
        bytes.fill(0)
        const digest = await put
        ;(await blobs.get(digest))?.fill(0)
        expect(Buffer.from((await blobs.get(digest)) ?? []).toString()).toBe('original')
      }))
  })
}
