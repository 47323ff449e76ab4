import { expect, test } from 'vitest'
import { createWorld } from '../../support/create-world.ts'
import { endpoints } from './endpoints.ts'

test('every endpoint has its line of what holds up the server, and every line its endpoint', async () => {
  const world = await createWorld({ started: false })
  await world.app.ready()
  const routes = world.app.edgeRoutes.filter(({ method }) => method !== 'HEAD')
  const names = [...new Set(routes.map(({ dialect, method, url }) => `${dialect} ${method} ${url}`))]
  await world.close()
  expect(Object.keys(endpoints).sort()).toEqual(names.sort())
})
