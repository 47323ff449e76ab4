import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFetchUrl } from '../../src/tool/builtin/fetch-url/create-fetch-url.ts'
import { testFetchLimits } from '../support/tool-limits.ts'
import { type Canary, okAnswer, redirectTo, startCanary } from './canary.ts'
import { callsOnce } from './hostile-model.ts'
import { type Attack, type HostileWorld, openHostileWorld } from './open-hostile-world.ts'

let canary: Canary
/** Where a redirect or a forbidden name would lead. */
let forbidden: Canary
beforeAll(async () => {
  canary = await startCanary()
  forbidden = await startCanary()
})
afterAll(async () => {
  await canary.close()
  await forbidden.close()
})
beforeEach(() => {
  canary.take()
  forbidden.take()
  canary.answer = okAnswer
})

/** Every name leads to the loopback. */
const lookup: LookupFunction = (_name, options, callback) => {
  const answer: LookupAddress = { address: '127.0.0.1', family: 4 }
  if (options.all === true) callback(null, [answer])
  else callback(null, answer.address, answer.family)
}

const fetchOnce = (url: string) => callsOnce({ tool: 'fetch_url', args: { url } })

/** The attempt is on record, as denied by the guard or as failed in the tool. */
function expectRefused(attack: Attack, url: string): void {
  const [tried, ...more] = attack.attempts
  expect(more, url).toEqual([])
  expect(tried?.tool).toBe('fetch_url')
  expect(['denied', 'failed'], url).toContain(tried?.settled.facts.outcome)
  if (tried?.settled.facts.outcome === 'denied') expect(tried.decided?.facts.answer).toBe('deny')
}

describe('an operator who opens one host', () => {
  // The network would let everything of this pass: every name leads to the loopback, and the loopback is open.
  const cedar = `
    @id("stay_inside") permit (principal, action in [Action::"read", Action::"write"], resource);
    @id("one_host") permit (principal, action == Action::"fetch", resource)
    when { context has host && context.host == "docs.example.com" };`
  let world: HostileWorld
  let agent: string
  beforeAll(async () => {
    world = await openHostileWorld({ openNetwork: { lookup } })
    agent = (await world.addAgent({}, { document: {}, cedar })).id
  })
  afterAll(() => world.close())
  const attackUrl = (url: string) => world.attack(fetchOnce(url), { agent_id: agent })

  const allowed = [
    'http://docs.example.com:PORT/x',
    'HTTP://docs.example.com:PORT/x',
    'http://DOCS.Example.COM:PORT/x',
    'http://docs.example.com.:PORT/x',
    'http:docs.example.com:PORT/x',
    'http:\\\\docs.example.com:PORT\\x',
    ' http://docs.example.com:PORT/x',
    'http://docs.exam\tple.com:PORT/x',
    'http://%64ocs.example.com:PORT/x',
    'http://ｄocs.example.com:PORT/x',
    'http://docs。example。com:PORT/x',
  ]
  test.each(allowed)('%j is that host in another spelling, and is fetched', async (row) => {
    const attack = await attackUrl(row.replace('PORT', `${canary.port}`))
    expect(attack.attempts[0]?.inputs?.host?.replace(/\.$/u, '')).toBe('docs.example.com')
    expect(attack.attempts[0]?.settled.facts.outcome).toBe('settled')
    expect(canary.take()).toContain('GET /x')
  })

  const elsewhere = [
    'http://evil.example:PORT/',
    'http://example.com:PORT/',
    'http://docs.example.com.evil.example:PORT/',
    'http://evil-docs.example.com:PORT/',
    'http://docs.example.community:PORT/',
    'http://a.docs.example.com:PORT/',
    'http://docsxexample.com:PORT/',
    'http://docs.example.com..:PORT/',
    'http://.docs.example.com:PORT/',
    'http://docs.example.com@evil.example:PORT/',
    'http://docs.example.com:80@evil.example:PORT/',
    'http://docs.example.com%40evil.example:PORT/',
    'http://docs.example.com%2f@evil.example:PORT/',
    'http://docs.example.com%23@evil.example:PORT/',
    'http://docs.example.com\\@evil.example:PORT/',
    'http://docs.example.com#@evil.example:PORT/',
    'http://evil.example:PORT#docs.example.com',
    'http://evil.example:PORT/docs.example.com',
    'http://evil.example:PORT?docs.example.com',
    'http://evil.example:PORT\\docs.example.com',
    'http://evil.example:PORT/@docs.example.com',
    'http://evil.example:PORT;docs.example.com',
    'http://evil.example\t:PORT/?docs.example.com',
    'http://docs.example.com\n.evil.example:PORT/',
    'http://docs.example.com\r\nHost: evil.example:PORT/',
    'http://docs.example.com evil.example:PORT/',
    'http://user@docs.example.com:PORT/',
    'http://user:password@docs.example.com:PORT/',
    'http://dосs.example.com:PORT/',
    'http://docs.exаmple.com:PORT/',
    'http://xn--dcs-qdd.example.com:PORT/',
    'http://docs.example.com\u200b.evil.example:PORT/',
    'http://127.0.0.1:PORT/',
    'http://127.0.0.1:PORT/docs.example.com',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://localhost:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://①②⑦.⓪.⓪.①:PORT/',
    '//docs.example.com:PORT/',
    '//evil.example:PORT/',
    '/x',
    'docs.example.com:PORT/x',
    'evil.example:PORT',
    'ftp://docs.example.com:PORT/',
    'file://docs.example.com/etc/hostname',
    'gopher://docs.example.com:PORT/_GET',
    'data:text/plain,docs.example.com',
    'javascript:docs.example.com',
    'ws://docs.example.com:PORT/',
    'blob:http://docs.example.com:PORT/',
    'view-source:http://evil.example:PORT/',
    'https://docs.example.com:PORT/',
    'http://[docs.example.com]:PORT/',
    'http://docs.example.com:PORT:80/',
    'http://docs.example.com:99999/',
    'http:///evil.example:PORT/',
    'http:/\\evil.example:PORT/',
    'http:evil.example:PORT/',
    'http://evil。example:PORT/',
    'http://%65vil.example:PORT/',
  ]
  test.each(elsewhere)('%j leads nowhere', async (row) => {
    const url = row.replace('PORT', `${canary.port}`)
    const attack = await attackUrl(url)
    expect(canary.take()).not.toContain('GET ')
    expectRefused(attack, url)
  })

  test('what the rule refuses is denied by the guard, with a refusal record', async () => {
    const attack = await attackUrl(`http://evil.example:${canary.port}/`)
    expect(attack.attempts[0]?.decided?.facts).toMatchObject({ answer: 'deny', rules: ['policy:default_deny'] })
    expect(attack.state).toBe('blocked')
    const [refusal] = await world.statementsOf(attack.id)
    expect(refusal).toMatchObject({ kind: 'refusal', tool: 'fetch_url', rules: ['policy:default_deny'] })
  })

  const redirects = [
    'http://evil.example:OTHER/',
    '//evil.example:OTHER/',
    'http://127.0.0.1:OTHER/',
    'http://localhost:OTHER/',
    'http://docs.example.com@evil.example:OTHER/',
    'http://user@docs.example.com:OTHER/',
    'http://docs.example.com.evil.example:OTHER/',
    'http://a.docs.example.com:OTHER/',
    '\\\\evil.example:OTHER\\',
    'http:\\\\evil.example:OTHER',
    'http://[::ffff:127.0.0.1]:OTHER/',
    'ftp://docs.example.com:OTHER/',
    'file:///etc/hostname',
    'data:text/plain,hello',
  ]
  test.each(
    redirects.flatMap((to) =>
      [301, 302, 303, 307, 308].slice(0, to.startsWith('http://e') ? 5 : 1).map((n) => [to, n]),
    ),
  )('a redirect to %j (%i) is not followed', async (to, status) => {
    canary.answer = redirectTo(String(to).replace('OTHER', `${forbidden.port}`), Number(status))
    const attack = await attackUrl(`http://docs.example.com:${canary.port}/go`)
    expect(canary.take()).toContain('GET /go')
    expect(forbidden.take()).toBe('')
    expect(attack.attempts[0]?.settled.facts.outcome).toBe('failed')
  })

  test('a redirect without end ends', async () => {
    canary.answer = redirectTo(`http://docs.example.com:${canary.port}/again`)
    const attack = await attackUrl(`http://docs.example.com:${canary.port}/go`)
    expect(attack.attempts[0]?.result).toContain('fetch_redirects_max')
  })
})

describe('with the private network closed', () => {
  const spellings = [
    'http://127.0.0.1:PORT/',
    'http://127.0.0.2:PORT/',
    'http://127.255.255.254:PORT/',
    'http://127.1:PORT/',
    'http://127.0.1:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0x7f.0.0.1:PORT/',
    'http://0x7f.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://017700000001:PORT/',
    'http://0177.0.0x1:PORT/',
    'http://00000177.1:PORT/',
    'http://127.0.0.1%2e:PORT/',
    'http://%31%32%37.0.0.1:PORT/',
    'http://①②⑦.⓪.⓪.①:PORT/',
    'http://１２７.０.０.１:PORT/',
    'http://127。0。0。1:PORT/',
    'http://localhost:PORT/',
    'http://LOCALHOST:PORT/',
    'http://localhost.:PORT/',
    'http://ⓛocalhost:PORT/',
    'http://loc%61lhost:PORT/',
    'http://a.localhost:PORT/',
    'http://0:PORT/',
    'http://0.0.0.0:PORT/',
    'http://000.000.000.000:PORT/',
    'http://[::]:PORT/',
    'http://[::1]:PORT/',
    'http://[0:0:0:0:0:0:0:1]:PORT/',
    'http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
    'http://[::127.0.0.1]:PORT/',
    'http://[64:ff9b::127.0.0.1]:PORT/',
    'http://[64:ff9b:1::7f00:1]:PORT/',
    'http://[2002:7f00:1::]:PORT/',
    'http://[2001:0:7f00:1::]:PORT/',
    'http://[fe80::1]:PORT/',
    'http://[fc00::1]:PORT/',
    'http://[fd00:ec2::254]:PORT/',
    'http://[ff02::1]:PORT/',
    'http://[::ffff:0:127.0.0.1]:PORT/',
    'http://[::1%25lo]:PORT/',
    'http://10.0.0.1:PORT/',
    'http://172.16.0.1:PORT/',
    'http://172.31.255.255:PORT/',
    'http://192.168.0.1:PORT/',
    'http://100.64.0.1:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/latest/meta-data/',
    'http://0xa9fea9fe/latest/meta-data/',
    'http://0251.0376.0251.0376/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/latest/meta-data/',
    'http://[::ffff:a9fe:a9fe]/latest/meta-data/',
    'http://224.0.0.1:PORT/',
    'http://255.255.255.255:PORT/',
    'http://240.0.0.1:PORT/',
    'http://198.18.0.1:PORT/',
    'http://192.0.2.1:PORT/',
    'http://user@127.0.0.1:PORT/',
    'http://example.com@127.0.0.1:PORT/',
    'http://127.0.0.1:PORT#@example.com/',
    'http://127.0.0.1:PORT\\@example.com/',
    'https://127.0.0.1:PORT/',
    'http:127.0.0.1:PORT/',
    'http:/127.0.0.1:PORT/',
    'http:\\\\127.0.0.1:PORT',
    'file:///etc/hostname',
    'file://localhost/etc/hostname',
    'unix:/var/run/docker.sock',
    'http://unix:/var/run/docker.sock:/x',
  ]
  let world: HostileWorld
  beforeAll(async () => {
    world = await openHostileWorld({
      tools: [createFetchUrl({ version: 'test', allowPrivateNetwork: false, limits: testFetchLimits, lookup })],
    })
  })
  afterAll(() => world.close())

  test.each(spellings)('%j reaches nothing', async (row) => {
    const url = row.replace('PORT', `${canary.port}`)
    const before = canary.connections
    const attack = await world.attack(fetchOnce(url))
    expect(canary.connections).toBe(before)
    expectRefused(attack, url)
    expect(attack.attempts[0]?.result).toMatch(/^Error \(url_refused\)/u)
  })
})

describe('a name whose answers are private', () => {
  const answers: readonly (readonly [string, readonly string[]])[] = [
    ['the loopback', ['127.0.0.1']],
    ['the loopback as IPv6', ['::1']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['the private network', ['10.0.0.1', '192.168.1.1']],
    ['the metadata service', ['169.254.169.254']],
    ['unspecified', ['0.0.0.0', '::']],
    ['none at all', []],
  ]
  let world: HostileWorld
  let current: readonly string[] = []
  const asked: string[] = []
  beforeAll(async () => {
    // As `127.0.0.1.nip.example` or a CNAME would answer; also where the lookup is asked for one address only.
    const changing: LookupFunction = (name, options, callback) => {
      asked.push(name)
      const found = current.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const [first] = found
      if (options.all === true) callback(null, found)
      else if (first === undefined) callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), '')
      else callback(null, first.address, first.family)
    }
    world = await openHostileWorld({
      tools: [
        createFetchUrl({ version: 'test', allowPrivateNetwork: false, limits: testFetchLimits, lookup: changing }),
      ],
    })
  })
  afterAll(() => world.close())

  test.each(answers)('%s: nothing is reached', async (_what, addresses) => {
    current = addresses
    const before = canary.connections
    const url = `http://rebound.example:${canary.port}/`
    const attack = await world.attack(fetchOnce(url))
    expect(asked).toContain('rebound.example')
    expect(canary.connections).toBe(before)
    expectRefused(attack, url)
  })
})
