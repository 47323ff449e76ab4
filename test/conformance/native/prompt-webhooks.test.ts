import { afterEach, expect, test } from 'vitest'
import type { PromptPage, PromptView } from '../../../src/api/native/contract/prompt.ts'
import type { DeliveryPage, WebhookBody } from '../../../src/api/native/contract/webhook.ts'
import { createWebhookDeliverer } from '../../../src/engine/services/webhook-deliverer.ts'
import { createCollectingReceiver } from '../../support/collecting-receiver.ts'
import { createWorld, type World } from '../../support/create-world.ts'
import { createScriptedModels } from '../../support/scripted-models.ts'
import { started } from '../../support/started.ts'
import { until } from '../../support/until.ts'

let world: World
let stopDelivering: (graceMs: number) => Promise<void> = async () => undefined
const receiver = createCollectingReceiver()
afterEach(async () => {
  await stopDelivering(0)
  await world.close()
})

const asking = [
  { text: 'I ask', calls: [{ tool: 'ask_question', input: { question: 'Which color?', options: ['red', 'blue'] } }] },
  { text: 'Thank you.' },
]

/** A world in which a task asks, with the subscription to these events. */
async function open(events: readonly string[]) {
  receiver.received.length = 0
  receiver.taken.length = 0
  receiver.answer = () => 200
  world = await createWorld({ send: receiver.send, models: createScriptedModels(asking) })
  const { id } = (await world.call('POST', '/v1/webhooks', { url: 'https://hooks.example.com/in', events })).json()
  stopDelivering = started(createWebhookDeliverer(world.deps))
  return id
}

async function ask(): Promise<PromptView> {
  await world.call('POST', '/v1/tasks', { input: 'paint', ask_question: true })
  const inbox = await world.call('GET', '/v1/prompts?wait=20')
  const [prompt] = inbox.json<PromptPage>().prompts
  if (prompt === undefined) throw new Error('Nothing was asked.')
  return prompt
}

const bodies = () => receiver.taken.map(({ request }) => JSON.parse(request.body) as WebhookBody)
const settle = (id: string, how: string, body: object = {}) => world.call('POST', `/v1/prompts/${id}/${how}`, body)
const choose = { data: { answers: { answer: 'red' } } }

test('who subscribes to prompts is sent what is asked, and the answer once there is one', async () => {
  const hook = await open(['prompt.opened', 'prompt.settled'])
  const { may_answer: _may, ...asked } = await ask()
  await settle(asked.id, 'answer', choose)
  await until('both deliveries', () => receiver.taken.length === 2)
  const [opened, settled] = bodies()
  expect(opened).toMatchObject({ type: 'prompt.opened', data: { event: { type: 'prompt.opened' } } })
  expect(opened?.data.prompt).toEqual(asked)
  expect(opened?.data.prompt?.payload).toMatchObject({ questions: [{ question: 'Which color?' }] })
  expect(settled).toMatchObject({ type: 'prompt.settled', data: { event: { type: 'prompt.answered' } } })
  const { may_answer: _either, ...after } = (await world.call('GET', `/v1/prompts/${asked.id}`)).json<PromptView>()
  expect(settled?.data.prompt).toEqual(after)
  expect(after).toMatchObject({ state: 'answered', answer: { data: choose.data } })
  const page = (await world.call('GET', `/v1/webhooks/${hook}/deliveries`)).json<DeliveryPage>()
  expect(page.deliveries.map(({ type }) => type)).toEqual(['prompt.settled', 'prompt.opened'])
})

test('a prompt that goes with its run is settled too, and a rejected answer does not settle it', async () => {
  await open(['prompt.settled'])
  const asked = await ask()
  const auditor = await world.addCaller('auditor', {})
  expect((await world.call('POST', `/v1/prompts/${asked.id}/answer`, choose, auditor)).statusCode).toBe(403)
  await world.call('POST', `/v1/tasks/${asked.task.id}/cancel`, {})
  await until('the delivery', () => receiver.taken.length === 1)
  expect(bodies()).toMatchObject([
    { type: 'prompt.settled', data: { event: { type: 'prompt.withdrawn' }, prompt: { state: 'withdrawn' } } },
  ])
})

test('a try after the answer says of the question what the first one said', async () => {
  const hook = await open(['prompt.opened'])
  receiver.answer = () => (receiver.received.length === 1 ? 500 : 200)
  const asked = await ask()
  await until('the first try', () => receiver.received.length === 1)
  await settle(asked.id, 'answer', choose)
  const { deliveries } = (await world.call('GET', `/v1/webhooks/${hook}/deliveries`)).json<DeliveryPage>()
  await world.call('POST', `/v1/webhooks/${hook}/deliveries/${deliveries[0]?.id}/replay`, {})
  await until('the second try', () => receiver.received.length === 2)
  expect(receiver.received[1]?.request.body).toBe(receiver.received[0]?.request.body)
})

test('a subscription that names no events hears nothing of prompts', async () => {
  await open(['run.*', 'action.*'])
  const asked = await ask()
  await settle(asked.id, 'answer', choose)
  await until('the end', () => bodies().some(({ type }) => type === 'run.succeeded'))
  expect(bodies().filter(({ type }) => type.startsWith('prompt.'))).toEqual([])
  expect(bodies().every(({ data }) => data.prompt === undefined)).toBe(true)
})
