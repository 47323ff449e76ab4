import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { logRequests } from './log-requests.ts'

test('a request is told by its route and its id; neither a ticket in the path nor a query is told', async () => {
  const lines: object[] = []
  const app = Fastify()
  logRequests(
    app,
    (facts) => lines.push(facts),
    () => 'certior',
  )
  app.get('/tickets/:ticket/executions/:id', (_request, reply) => reply.code(202).send('{}'))
  await app.inject('/tickets/secret-ticket/executions/e1?api_key=secret-key')
  expect(lines).toEqual([
    {
      request: expect.any(String),
      method: 'GET',
      route: '/tickets/:ticket/executions/:id',
      subject: 'e1',
      dialect: 'certior',
      status: 202,
      ms: expect.any(Number),
      user: undefined,
    },
  ])
  expect(JSON.stringify(lines)).not.toContain('secret')
})
