import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSealer } from './create-sealer.ts'

const newIv = () => randomBytes(12)
const sealer = createSealer(Buffer.alloc(32, 1), newIv)

test('what is sealed is opened again by the same installation, under the same name', () => {
  const sealed = sealer.seal('key:1', 'whsec_ö')
  expect(Buffer.from(sealed).toString('utf8')).not.toContain('whsec')
  expect(createSealer(Buffer.alloc(32, 1), newIv).open('key:1', sealed)).toBe('whsec_ö')
})

test('sealing the same twice gives different bytes', () => {
  expect(sealer.seal('a', 'b')).not.toEqual(sealer.seal('a', 'b'))
})

test('nothing is opened under another name, with another pepper, or changed in any byte', () => {
  const sealed = sealer.seal('key:1', 'secret')
  expect(sealer.open('key:2', sealed)).toBeUndefined()
  expect(createSealer(Buffer.alloc(32, 2), newIv).open('key:1', sealed)).toBeUndefined()
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Uint8Array.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(sealer.open('key:1', changed)).toBeUndefined()
    expect(sealer.open('key:1', sealed.subarray(0, at))).toBeUndefined()
  }
})
