import { expect, test } from 'vitest'
import { readConfig } from './read-config.ts'
import { StartError } from './start-error.ts'

test('without MANDATE_CORS_ORIGINS no page of another origin may use the server', () => {
  expect(readConfig({}).corsOrigins).toEqual([])
  expect(readConfig({ MANDATE_CORS_ORIGINS: ' , ' }).corsOrigins).toEqual([])
})

test('origins are taken exactly as browsers write them', () => {
  const MANDATE_CORS_ORIGINS = 'https://app.example.com, http://localhost:3000,http://[::1]:8080'
  expect(readConfig({ MANDATE_CORS_ORIGINS }).corsOrigins).toEqual([
    'https://app.example.com',
    'http://localhost:3000',
    'http://[::1]:8080',
  ])
})

test.each([
  ['*', 'https://app.example.com'],
  ['null', 'https://app.example.com'],
  ['app.example.com', 'https://app.example.com'],
  ['https://*.example.com', 'https://app.example.com'],
  ['https://app.example.com/', 'https://app.example.com'],
  ['https://app.example.com/app', 'https://app.example.com'],
  ['https://app.example.com:443', 'https://app.example.com'],
  ['HTTPS://App.example.com', 'https://app.example.com'],
  ['ws://app.example.com', ''],
  ['https://good.example, *', 'https://app.example.com'],
])('an origin that no browser sends, such as "%s", is refused with one that is taken', (text, hint) => {
  const read = () => readConfig({ MANDATE_CORS_ORIGINS: text })
  expect(read).toThrow(StartError)
  expect(read).toThrow(/^MANDATE_CORS_ORIGINS has "/)
  expect(read).toThrow(hint)
})

test('trusted proxies are addresses and ranges', () => {
  expect(readConfig({}).trustedProxies).toEqual([])
  const MANDATE_TRUSTED_PROXIES = '10.0.0.0/8, 192.0.2.7,fd00::/8'
  expect(readConfig({ MANDATE_TRUSTED_PROXIES }).trustedProxies).toEqual(['10.0.0.0/8', '192.0.2.7', 'fd00::/8'])
})

test.each(['proxy.example', '10.0.0.0/33', '*', '10.0.0.0/8 192.0.2.7', 'loopback'])(
  'a trusted proxy that is no address, such as "%s", is refused',
  (text) => {
    const read = () => readConfig({ MANDATE_TRUSTED_PROXIES: `10.0.0.1,${text}` })
    expect(read).toThrow(StartError)
    expect(read).toThrow(`MANDATE_TRUSTED_PROXIES has "${text}"`)
  },
)
