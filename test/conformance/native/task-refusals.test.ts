import { afterEach, describe, expect, test } from 'vitest'
import { createWorld, type World, type WorldOptions } from '../../support/create-world.ts'

let world: World
const open = async (options: WorldOptions = {}) => {
  world = await createWorld(options)
  return world
}
afterEach(() => world.close())

describe('what is not allowed', () => {
  test.each([
    [{}, 'input', undefined],
    [{ input: '' }, 'input', undefined],
    [{ input: 5 }, 'input', undefined],
    [{ input: null }, 'input', undefined],
    [{ input: { sealed: true, base64: 'eA==' } }, 'input.media_type', undefined],
    [{ input: 'x', colour: 'red' }, 'colour', undefined],
    [{ input: 'x', Input: 'x' }, 'Input', undefined],
    [{ input: 'x', priority: 0 }, 'priority', undefined],
    [{ input: 'x', priority: 11 }, 'priority', undefined],
    [{ input: 'x', priority: '5' }, 'priority', undefined],
    [{ input: 'x', priority: 1.5 }, 'priority', undefined],
    [{ input: 'x', agent_id: 'demo' }, 'agent_id', undefined],
    [{ input: 'x', not_before: 'soon' }, 'not_before', undefined],
    [{ input: 'x', visibility: 'everyone' }, 'visibility', undefined],
    [{ input: 'x', metadata: [] }, 'metadata', undefined],
    [{ input: 'x', timeout_seconds: 0 }, 'timeout_seconds', undefined],
    [{ input: 'x', max_steps: 0 }, 'max_steps', undefined],
    [{ input: 'x'.repeat(101) }, 'input', 'message_chars_max'],
    [{ input: 'x', title: 'x'.repeat(201) }, 'title', 'name_chars_max'],
    [{ input: 'x', metadata: { a: 'é'.repeat(30) } }, 'metadata', 'metadata_bytes_max'],
    [{ input: 'x', max_steps: 201 }, 'max_steps', 'steps_max'],
    [{ input: 'x', timeout_seconds: 86_401 }, 'timeout_seconds', 'run_timeout_seconds_max'],
    [{ input: 'x', files: [{ path: 'a', content: '123456' }] }, 'files.0', 'file_bytes_max'],
    [
      { input: 'x', files: Array.from({ length: 4 }, (_, at) => ({ path: `${at}`, content: '' })) },
      'files',
      'files_max',
    ],
  ])('%j is refused, naming %s and the limit %s', async (body, field, limit) => {
    const limits = { message_chars_max: 100, metadata_bytes_max: 50, file_bytes_max: 5, files_max: 3 }
    const { call, deps } = await open({ started: false, limits })
    const answer = await call('POST', '/v1/tasks', body)
    expect([answer.statusCode, answer.json().code], answer.body).toEqual([422, 'invalid_input'])
    expect(answer.json().errors.map((error: { field: string }) => error.field)).toEqual([field])
    expect(answer.json().limit).toBe(limit)
    expect(await deps.store.listTasks({}, { limit: 1 })).toEqual([])
  })

  test('is all named at once, each with what is allowed', async () => {
    const { call } = await open({ started: false })
    const answer = await call('POST', '/v1/tasks', {
      priority: 99,
      visibility: 'x',
      colour: 1,
      files: [{ content: 'x' }],
    })
    const errors = new Map(answer.json().errors.map(({ field, message }: Record<string, string>) => [field, message]))
    expect([...errors.keys()].sort()).toEqual(['colour', 'files.0.path', 'input', 'priority', 'visibility'])
    expect(errors.get('visibility')).toBe('must be one of: private, team, unlisted, public')
    expect(errors.get('colour')).toMatch(/^is not known; known are: input, agent_id/)
    expect(errors.get('input')).toMatch(/^is needed/)
  })

  test('in wait and in limits is refused with the name of the limit', async () => {
    const { call } = await open({ started: false })
    const { id } = (await call('POST', '/v1/tasks', { input: 'x' })).json()
    const answer = await call('GET', `/v1/tasks/${id}?wait=301`)
    expect(answer.json()).toMatchObject({ status: 422, limit: 'wait_seconds_max', errors: [{ field: 'wait' }] })
  })

  test.each([
    [{ model: 'gpt-99' }, 'model_unknown'],
    [{ model: 'opus-4.8' }, 'model_key_missing'],
    [{ provider: 'openai', model: 'x' }, 'model_key_missing'],
    [{ provider: 'nobody' }, 'model_unknown'],
  ])('a model like %j is refused with %s', async (wish, code) => {
    const { call } = await open({ started: false })
    const answer = await call('POST', '/v1/tasks', { input: 'x', ...wish })
    expect([answer.statusCode, answer.json().code]).toEqual([422, code])
  })
})
