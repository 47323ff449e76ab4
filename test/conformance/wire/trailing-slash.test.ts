import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../../support/create-world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ started: false })
})
afterAll(() => world.close())

/** What differs between any two answers: ids and instants. */
const unique = /[0-9a-f]{8}-[0-9a-f-]{27}|err_\w+|"[\w-]{8}-\w{1,3}"|\d{4}-\d\d-\d\dT[\d:.]+Z|"number":\d+/gu

test.each([
  ['GET', '/v1/health'],
  ['GET', '/mandate/v1/agents?limit=1'],
  ['POST', '/mandate/v1/tasks'],
  ['GET', '/mandate/v1/tasks/nonsense'],
  ['PUT', '/mandate/v1/tasks'],
  ['GET', '/v1/agents'],
  ['POST', '/api/v1/tasks'],
  ['GET', '/api/v1/tasks'],
  ['POST', '/certior/api/v1/tasks'],
  ['GET', '/api/v1/executions'],
  ['GET', '/ws/executions/exec_1'],
  ['POST', '/v1/chat/tasks'],
  ['POST', '/agent/create'],
  ['GET', '/agent/list'],
  ['POST', '/v1/agentrix/tasks/start'],
  ['GET', '/openapi.json'],
  ['GET', '/neo/openapi.json'],
] as const)('%s %s is answered the same with a slash at its end', async (method, url) => {
  const withSlash = url.replace(/(?=\?)|(?<!\?.*)$/u, '/')
  const ask = async (asked: string, headers: object) => {
    const payload = method === 'GET' ? '' : '{}'
    const type = method === 'GET' ? {} : { 'content-type': 'application/json' }
    const answer = await world.app.inject({ method, url: asked, headers: { ...type, ...headers }, payload })
    return [answer.statusCode, answer.headers['allow'], answer.body.replaceAll(unique, '…')]
  }
  for (const headers of [{}, world.admin.headers]) {
    expect(await ask(withSlash, headers)).toEqual(await ask(url, headers))
  }
})

test('a slash alone is not the parameter of a path', async () => {
  const answer = await world.call('GET', '/v1/agents/')
  expect(answer.json()).toHaveProperty('agents')
})
