import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader } from './frame-reader.ts'

describe('FrameReader', () => {
  test('finds every frame and no comment, however the bytes are cut', () => {
    const frame = fc.nat(1000).map((n) => `id: ${n}\nevent: x\ndata: {}`)
    const comment = fc.constant(': heartbeat')
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, comment)), fc.integer({ min: 1, max: 30 }), (frames, size) => {
        const bytes = Buffer.from(frames.map((text) => `${text}\n\n`).join(''))
        const found: string[] = []
        const reader = new FrameReader((part) => found.push(part.toString()))
        for (let from = 0; from < bytes.length; from += size) reader.push(bytes.subarray(from, from + size))
        expect(found).toEqual(frames.filter((text) => !text.startsWith(':')))
      }),
    )
  })
})
