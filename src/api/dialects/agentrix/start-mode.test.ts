import { describe, expect, test } from 'vitest'
import { limitDefaults } from '../../../domain/limits.ts'
import type { StartTaskBody } from './contract/start-task.ts'
import { readStartMode } from './start-mode.ts'

const limits = { ...limitDefaults, message_chars_max: 5 }
const read = (body: Partial<StartTaskBody>) => readStartMode(limits, { chatId: 'chat-1', ...body })

const message = { role: 'user' as const, content: 'do it' }
const cloud = { cloudId: 'cloud-default', message }
const local = { machineId: 'machine-m1', encryptedMessage: 'AQIDBAU=', dataEncryptionKey: 'a2V5' }
const sealedInput = { sealed: new Uint8Array([1, 2, 3, 4, 5]), mediaType: 'application/octet-stream' }
const input = { text: 'do it' }

test.each<[string, Partial<StartTaskBody>, object]>([
  ['a cloud gives the pool', cloud, { mode: 'cloud', place: 'cloud:default', input }],
  [
    'a cloud may be named without its prefix',
    { ...cloud, cloudId: 'gpu' },
    { mode: 'cloud', place: 'cloud:gpu', input },
  ],
  [
    'a machine gives the machine, and the message stays encrypted',
    local,
    { mode: 'local', place: 'machine:m1', input: sealedInput, dataEncryptionKey: 'a2V5' },
  ],
  [
    'a machine may be named without its prefix',
    { ...local, machineId: 'm2' },
    { mode: 'local', place: 'machine:m2', input: sealedInput, dataEncryptionKey: 'a2V5' },
  ],
  [
    'a task on a machine may have a directory',
    { ...local, cwd: '/src', forceUserCwd: false },
    { mode: 'local', place: 'machine:m1', input: sealedInput, dataEncryptionKey: 'a2V5' },
  ],
  ['a parent gives a sub-task', { parentTaskId: 'task-p1', message }, { mode: 'sub-task', parentId: 'p1', input }],
  [
    'a parent may be named without its prefix',
    { parentTaskId: 'p1', message },
    { mode: 'sub-task', parentId: 'p1', input },
  ],
  [
    'a sub-task may have no message of its own',
    { parentTaskId: 'task-p1' },
    { mode: 'sub-task', parentId: 'p1', input: undefined },
  ],
])('%s', (_fact, body, mode) => {
  expect(read(body)).toStrictEqual(mode)
})

const sentence = 'The request is not one mode of starting a task.'
const none = 'is needed, or machineId, or parentTaskId: one of them says where the task is worked on'
const several = 'is one of several that exclude each other: give one of cloudId, machineId, parentTaskId'
const foreign = (mode: string) => `does not belong to a task with ${mode}`
const needed = (mode: string) => `is needed beside ${mode}`

describe('a start is refused', () => {
  test.each<[string, Partial<StartTaskBody>, [string, string][]]>([
    ['without a mode', { message }, [['cloudId', none]]],
    [
      'with a cloud and a machine',
      { ...cloud, machineId: 'machine-m1' },
      [
        ['cloudId', several],
        ['machineId', several],
      ],
    ],
    [
      'with a machine and a parent',
      { ...local, parentTaskId: 'task-p1' },
      [
        ['machineId', several],
        ['parentTaskId', several],
      ],
    ],
    [
      'with all three',
      { ...cloud, ...local, parentTaskId: 'task-p1' },
      [
        ['cloudId', several],
        ['machineId', several],
        ['parentTaskId', several],
      ],
    ],
    ['in a cloud without a message', { cloudId: 'cloud-default' }, [['message', needed('cloudId')]]],
    [
      'in a cloud with the fields of a machine, each of which is named',
      {
        cloudId: 'cloud-default',
        encryptedMessage: 'AQID',
        dataEncryptionKey: 'a2V5',
        cwd: '/src',
        forceUserCwd: false,
      },
      [
        ['encryptedMessage', foreign('cloudId')],
        ['dataEncryptionKey', foreign('cloudId')],
        ['cwd', foreign('cloudId')],
        ['forceUserCwd', foreign('cloudId')],
        ['message', needed('cloudId')],
      ],
    ],
    ['under a parent with a directory', { parentTaskId: 'task-p1', cwd: '/src' }, [['cwd', foreign('parentTaskId')]]],
    [
      'on a machine with nothing else',
      { machineId: 'machine-m1' },
      [
        ['encryptedMessage', needed('machineId')],
        ['dataEncryptionKey', needed('machineId')],
      ],
    ],
    [
      'on a machine without the key of the message',
      { machineId: 'machine-m1', encryptedMessage: 'AQID' },
      [['dataEncryptionKey', needed('machineId')]],
    ],
    [
      'on a machine without the encrypted message',
      { machineId: 'machine-m1', dataEncryptionKey: 'a2V5' },
      [['encryptedMessage', needed('machineId')]],
    ],
    ['on a machine with a message that is not encrypted', { ...local, message }, [['message', foreign('machineId')]]],
  ])('%s', (_fact, body, fields) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: sentence,
        fields: fields.map(([field, told]) => ({ field, message: told })),
      }),
    )
  })

  test.each<[string, Partial<StartTaskBody>]>([
    ['message.content', { ...cloud, message: { role: 'user', content: 'do it!' } }],
    ['message.content', { parentTaskId: 'task-p1', message: { role: 'user', content: 'do it!' } }],
    ['encryptedMessage', { ...local, encryptedMessage: 'AQIDBAUG' }],
  ])('for %s above the limit', (field, body) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: `${field} is above the limit: at most 5 are allowed.`,
        fields: [{ field, message: 'must be at most 5 (message_chars_max)' }],
        limit: 'message_chars_max',
      }),
    )
  })
})
