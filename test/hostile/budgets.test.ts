import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Amounts, availableOf, type Ledger } from '../../src/domain/budget.ts'
import { createScriptedTool } from '../support/scripted-tool.ts'
import { callsOnce, type HostileScript } from './hostile-model.ts'
import { type Attack, type HostileWorld, openHostileWorld } from './open-hostile-world.ts'

let world: HostileWorld
/** How often the tool that costs 1,000 micro-dollars was really used. */
let uses = 0

beforeAll(async () => {
  const paid = createScriptedTool(
    'paid',
    () => {
      uses += 1
      return 'done'
    },
    { costMicrosUsd: 1_000, access: 'read' },
  )
  const free = createScriptedTool('free', () => 'x'.repeat(9_000), { access: 'read' })
  // A micro-dollar a token.
  world = await openHostileWorld({
    tools: [paid, free],
    price: 1_000_000,
    limits: { tool_calls_per_step_max: 200, steps_default: 40 },
  })
})
afterAll(() => world.close())
beforeEach(() => {
  uses = 0
})

const ledgerOf = async (attack: Attack): Promise<Ledger> => {
  const task = await world.deps.store.readTask(attack.id)
  if (task === undefined) throw new Error('There is no such task.')
  return task.ledger
}

/** Whole numbers that never pass the cap, unless the record says that they do; nothing is left reserved at the end. */
async function expectSound(attack: Attack): Promise<Ledger> {
  const ledger = await ledgerOf(attack)
  for (const amounts of Object.values(ledger) as Amounts[]) {
    for (const amount of Object.values(amounts)) expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true)
  }
  expect(ledger.reserved).toEqual({ micros_usd: 0, tokens: 0, steps: 0 })
  const left = Object.values(availableOf(ledger))
  if (!attack.events.some(({ kind }) => kind === 'budget.overdrawn')) {
    for (const amount of left) expect(amount).toBeGreaterThanOrEqual(0)
  }
  expect(uses * 1_000).toBeLessThanOrEqual(ledger.cap.micros_usd)
  return ledger
}

const pay = { tool: 'paid', args: { text: 'x' } }
const forEver: HostileScript = () => ({ calls: [pay] })

describe('tools that cost something', () => {
  test.each([0, 1, 7, 20])('of 60 calls in one step %i are paid for, and the others are denied', async (count) => {
    // The first call of the model costs 15; the second finds too little left, or just enough to end.
    const micros_usd = 40_000 + count * 1_000
    const attack = await world.attack(callsOnce(...Array(60).fill(pay)), { budget: { micros_usd } })
    const denied = attack.attempts.filter(({ decided }) => decided?.facts.rules.includes('budget'))
    expect(uses + denied.length).toBe(60)
    expect(uses).toBe(Math.floor((micros_usd - 15) / 1_000))
    for (const { settled, decided } of denied) {
      expect(settled.facts).toMatchObject({ outcome: 'denied', cost_micros_usd: 0 })
      expect(decided?.facts.reserved_micros_usd).toBe(0)
    }
    await expectSound(attack)
    expect((await world.verifyAudit(attack)).verdict).toBe('valid')
  })

  test('for ever end with the budget', async () => {
    const attack = await world.attack(forEver, { budget: { micros_usd: 20_000 } })
    expect([attack.state, attack.error]).toEqual(['failed', 'budget_exhausted'])
    await expectSound(attack)
  })
})

describe('a model that lies about what it used', () => {
  const told = (input: unknown, output: unknown) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: 1,
  })
  const lies: readonly (readonly [string, unknown])[] = [
    ['less than nothing', told(-1_000_000, -1_000_000)],
    ['less than nothing, of one', told(-1_000_000, 5)],
    ['nothing', told(0, 0)],
    ['not told', null],
    ['an empty object', {}],
    ['nulls', told(null, null)],
    ['a half', told(0.5, 0.5)],
    ['a billion', told(10, 1_000_000_000)],
    ['just more than a budget', told(10, 2_000_000)],
    ['less than nothing from a cache', { ...told(10, 5), prompt_tokens_details: { cached_tokens: -1e9 } }],
    ['more from a cache than there was', { ...told(10, 5), prompt_tokens_details: { cached_tokens: 1e9 } }],
    ['less than nothing of thinking', { ...told(10, 5), completion_tokens_details: { reasoning_tokens: -1e9 } }],
  ]
  /** The package of the provider does not take these: the call is tried again, and is answered honestly then. */
  const malformed: typeof lies = [
    ['texts', told('5', '5')],
    ['a list', told([5], [5])],
    ['true', told(true, true)],
    ['a list instead of an object', [1, 2]],
    ['a text instead of an object', 'none'],
  ]
  const uncountable: typeof lies = [
    ['1e308', told(1e308, 1e308)],
    ['1e21', told(1e21, 1e21)],
    ['as much as can just be counted', told(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)],
  ]

  const lie = async (usage: unknown, requests: number) => {
    const broken = world.errors.length
    const budget = { micros_usd: 1_000_000, tokens: 1_000_000 }
    const honest: HostileScript = (request) => (request > 6 ? { text: 'done' } : { calls: [pay] })
    const script: HostileScript = async (request, told) =>
      request > requests ? honest(request, told) : { ...(await honest(request, told)), usage }
    const attack = await world.attack(script, { budget })
    const ledger = await expectSound(attack)
    expect(ledger.cap).toMatchObject(budget)
    expect(ledger.spent.micros_usd).toBeGreaterThanOrEqual(uses * 1_000)
    const costs = attack.events.flatMap((event) =>
      event.kind === 'model.responded' || event.kind === 'model.failed' ? [event.facts.cost_micros_usd ?? 0] : [],
    )
    for (const cost of costs) expect(Number.isSafeInteger(cost) && cost >= 0).toBe(true)
    expect(world.errors.slice(broken)).toEqual([])
  }
  test.each(lies)('%s: the budget is never more than it was', (_name, usage) => lie(usage, 9))
  test.each(malformed)('%s: the budget is never more than it was', (_name, usage) => lie(usage, 1))
  test.each(uncountable)('%s: the budget is never more than it was', (_name, usage) => lie(usage, 9))

  test('a claim above what was reserved is charged, recorded as overdrawn, and ends the run and all further ones', async () => {
    const usage = told(1_000, 5_000_000)
    const attack = await world.attack(() => ({ calls: [pay], usage }), { budget: { micros_usd: 1_000_000 } })
    expect([attack.state, attack.error, uses]).toEqual(['failed', 'budget_overdrawn', 0])
    expect(attack.events.filter(({ kind }) => kind === 'budget.overdrawn')).toHaveLength(1)
    expect((await expectSound(attack)).spent.micros_usd).toBe(5_001_000)
    const again = await world.goOn(attack)
    expect((await world.verifyAudit(again)).verdict).toBe('valid')
    expect([again.state, again.error]).toEqual(['failed', 'budget_exhausted'])
    expect(again.events.filter(({ kind }) => kind === 'step.started')).toHaveLength(1)
  })
})

describe('what a task may use up', () => {
  test.each([1, 2, 5])('%i steps are no more calls of the model than that', async (steps) => {
    const attack = await world.attack(forEver, { budget: { steps } })
    expect(world.model.toldOf(messageOf(attack))).toHaveLength(steps)
    expect([attack.state, attack.error]).toEqual(['failed', 'budget_exhausted'])
    expect((await expectSound(attack)).spent.steps).toBe(steps)
  })

  test('a later turn goes on with what is left, not with a new budget', async () => {
    const first = await world.attack((request) => (request % 2 === 1 ? { calls: [pay] } : { text: 'ok' }), {
      budget: { steps: 5 },
    })
    const second = await world.goOn(first)
    expect(second.state).toBe('succeeded')
    expect((await world.goOn(second)).error).toBe('budget_exhausted')
    expect(world.model.toldOf(messageOf(second))).toHaveLength(5)
  })

  test.each([1_000, 3_000, 10_000, 60_000])('with %i tokens the model is told how much it may say', async (tokens) => {
    const usage = { prompt_tokens: 400, completion_tokens: 300, total_tokens: 700 }
    const attack = await world.attack(() => ({ calls: [{ tool: 'free', args: { text: 'x' } }], usage }), {
      budget: { tokens },
    })
    const ledger = await expectSound(attack)
    for (const body of world.model.toldOf(messageOf(attack))) {
      const { max_tokens: most } = JSON.parse(body) as { max_tokens: number }
      expect(most).toBeGreaterThanOrEqual(16)
      expect(most).toBeLessThan(tokens)
    }
    expect(ledger.spent.tokens).toBeLessThanOrEqual(tokens)
    expect(attack.error).toBe('budget_exhausted')
  })

  test('too little for a single call calls nothing', async () => {
    for (const budget of [{ micros_usd: 0 }, { micros_usd: 100 }, { tokens: 100 }, { steps: 0 }]) {
      const attack = await world.attack(forEver, { budget })
      expect([attack.error, attack.told]).toEqual(['budget_exhausted', ''])
    }
  })

  test.each([400, 401, 403, 404, 422])('a provider that refuses with %i costs nothing but the step', async (status) => {
    const { id } = await world.addAgent({}) // three failures of its configuration end an agent
    const attack = await world.attack(() => ({ status }), { agent_id: id, budget: { micros_usd: 50_000 } })
    expect(attack.state).toBe('failed')
    expect((await expectSound(attack)).spent).toEqual({ micros_usd: 0, tokens: 0, steps: 1 })
  })
})

describe('a sub-task', () => {
  const steps =
    (count: number): HostileScript =>
    (request) =>
      request <= count ? { calls: [pay] } : { text: 'done' }

  test.each([
    ['money', { micros_usd: 90_000 }],
    ['steps', { steps: 100 }],
    ['tokens', { tokens: 900_000_000 }],
    ['all of it', { micros_usd: 100_000, steps: 50, tokens: 200_000 }],
  ] as const)('that asks for more %s than its parent has left is not begun', async (_what, budget) => {
    const parent = await world.attack(steps(20), { budget: { micros_usd: 100_000, steps: 50, tokens: 200_000 } })
    await expect(world.delegate(parent, forEver, { budget })).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:budget_exhausted|limit_exceeded|invalid_input)$/u),
    })
  })

  test('spends no more than its slice, and gives the rest back once', async () => {
    const parent = await world.attack(steps(1), { budget: { micros_usd: 400_000, steps: 40 } })
    const before = await ledgerOf(parent)
    const child = await world.delegate(parent, forEver, { budget: { micros_usd: 60_000, steps: 9 } })
    const spent = (await ledgerOf(child)).spent
    const after = await ledgerOf(parent)
    expect(spent.micros_usd).toBeLessThanOrEqual(60_000)
    expect(spent.steps).toBeLessThanOrEqual(9)
    expect(availableOf(after).micros_usd).toBe(availableOf(before).micros_usd - spent.micros_usd)
    expect(availableOf(after).steps).toBe(availableOf(before).steps - spent.steps)
    const returned = (await world.deps.store.readEvents(parent.id, 0, 1_000)).filter(
      ({ kind }) => kind === 'budget.returned',
    )
    expect(returned).toHaveLength(1)
  })

  test('many of them together take no more than there is', async () => {
    const parent = await world.attack(steps(1), { budget: { micros_usd: 500_000, steps: 60 } })
    const children = await Promise.allSettled(
      Array.from({ length: 6 }, () => world.delegate(parent, forEver, { budget: { micros_usd: 150_000, steps: 10 } })),
    )
    const { cap, spent, lent } = await ledgerOf(parent)
    expect(spent.micros_usd + lent.micros_usd).toBeLessThanOrEqual(cap.micros_usd)
    expect(children.some(({ status }) => status === 'fulfilled')).toBe(true)
  })
})

function messageOf({ told }: Attack): string {
  return /attack-\d+-of-a-test/u.exec(told)?.[0] ?? ''
}
