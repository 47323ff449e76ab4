import { expect, test } from 'vitest'
import { addressHint } from './announce.ts'

const address = 'http://127.0.0.1:7070'

test.each(['0.0.0.0', '::', '0', '0:0:0:0:0:0:0:0'])(
  'who listens on %s is told that addresses need a public URL',
  (host) => {
    const hint = addressHint({ host, publicUrl: undefined }, address)
    expect(hint).toContain(address)
    expect(hint).toContain('MANDATE_PUBLIC_URL')
  },
)

test.each(['127.0.0.1', 'localhost', '::1', '192.168.1.5', 'tasks.example'])('who listens on %s is not', (host) => {
  expect(addressHint({ host, publicUrl: undefined }, address)).toBeUndefined()
})

test('nor is who has said how the server is reached', () => {
  expect(addressHint({ host: '0.0.0.0', publicUrl: 'https://tasks.example' }, address)).toBeUndefined()
})
