import { afterEach, expect, it } from 'vitest'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'

let world: World
const open = async (options: WorldOptions = {}) => {
  world = await createWorld(options)
  return world
}
afterEach(() => world.close())

it('a task is accepted with 202, has its place in the queue, and can be read by id and by number', async () => {
  const { call } = await open()
  const created = await call('POST', '/v1/tasks', { input: 'say hello' })
  expect(created.statusCode, created.body).toBe(202)
  const task = created.json()
  expect(task).toMatchObject({ number: 1, title: 'say hello', input: 'say hello', input_sealed: false, result: null })
  expect(created.headers['location']).toBe(`/v1/tasks/${task.id}`)
  const ended = await call('GET', `/v1/tasks/${task.id}?wait=20`)
  expect(ended.json()).toMatchObject({ id: task.id, state: 'succeeded', result: 'hello', error: null })
  expect((await call('GET', '/v1/tasks/1')).json()).toEqual(ended.json())
  expect((await call('GET', `/mandate/v1/tasks/${task.id}`)).json()).toEqual(ended.json())
})
