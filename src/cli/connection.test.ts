import { describe, expect, test } from 'vitest'
import { findKey, findTarget } from './connection.ts'

const offline = { localKey: () => 'local' }

describe('the server of a command', () => {
  test('is the one that --url names, else MANDATE_URL, else the one on this machine', () => {
    const env = { MANDATE_URL: 'https://m.example/', MANDATE_PORT: '9' }
    expect(findTarget({ url: 'http://a:1' }, env)).toEqual({ url: 'http://a:1', named: true })
    expect(findTarget({}, env)).toEqual({ url: 'https://m.example', named: true })
    expect(findTarget({}, { MANDATE_PORT: '9' })).toEqual({ url: 'http://127.0.0.1:9', named: false })
    expect(findTarget({}, {})).toEqual({ url: 'http://127.0.0.1:7070', named: false })
    expect(findTarget({}, { MANDATE_PORT: '0' })).toBeUndefined()
  })

  test('is asked where it can be reached, whatever it listens on', () => {
    const urls = ['0.0.0.0', '::', '::1', 'box'].map((MANDATE_HOST) => findTarget({}, { MANDATE_HOST })?.url)
    expect(urls).toEqual(['http://127.0.0.1:7070', 'http://[::1]:7070', 'http://[::1]:7070', 'http://box:7070'])
  })

  test.each(['nonsense', 'ftp://a', 'file:///etc/passwd'])('is not %s', (url) => {
    expect(() => findTarget({ url }, {})).toThrow('is not the address of a server')
  })
})

describe('the key of a command', () => {
  const env = { MANDATE_KEY: 'env', MANDATE_ADMIN_KEY: 'admin' }

  test('is the one of --key, else MANDATE_KEY', () => {
    expect(findKey({ key: 'given' }, 'https://m.example', env, offline)).toBe('given')
    expect(findKey({}, 'https://m.example', env, offline)).toBe('env')
  })

  test.each(['http://127.0.0.1:7070', 'http://127.9.9.9:1', 'http://localhost:1', 'http://[::1]:1'])(
    'is else the administrator’s for %s',
    (url) => {
      expect(findKey({}, url, { MANDATE_ADMIN_KEY: 'admin' }, offline)).toBe('admin')
      expect(findKey({}, url, {}, offline)).toBe('local')
    },
  )

  test.each(['https://m.example', 'http://10.0.0.1:7070', 'http://127.0.0.1.m.example', 'http://localhost.m.example'])(
    'is never the administrator’s for %s',
    (url) => {
      expect(findKey({}, url, { MANDATE_ADMIN_KEY: 'admin' }, offline)).toBeUndefined()
    },
  )
})
