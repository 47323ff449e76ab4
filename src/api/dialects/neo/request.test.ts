import { describe, expect, test } from 'vitest'
import { limitDefaults } from '../../../domain/limits.ts'
import type { CreateTask } from './contract/create-task.ts'
import { readCreateTask, readTaskId, readUserMessage, wantsJson, wantsRepetition } from './request.ts'

const limits = { ...limitDefaults, message_chars_max: 12, steps_max: 100, steps_default: 40 }
const read = (body: CreateTask = {}) => readCreateTask(limits, { task: 'do it', ...body })

const neo = {
  mode: 'agent',
  agent_id: null,
  ask_question: false,
  auto_execute: false,
  completion_delivery: null,
  max_iterations: 0,
  sandbox_id: null,
  message_id: null,
  agent_ids: [],
  file_keys: [],
  secrets: [],
  files: [],
}
const submit = {
  input: { text: 'do it' },
  agentId: null,
  dialect: 'neo',
  visibility: 'private',
  stepsMax: 60,
  metadata: {},
  extension: { neo: { isolated: false } },
  runExtension: { neo },
  ignoredFields: [],
  askQuestion: false,
}
const bare = {
  id: undefined,
  submit,
  heldTo: { stepsMax: null },
  agentIds: [],
  fixed: { agent_id: undefined, project_id: undefined, visibility: undefined, isolated: undefined },
  onlyWhenIdle: false,
}
interface Changes {
  readonly submit?: object
  readonly neo?: object
  readonly fixed?: object
  readonly heldTo?: object
  readonly id?: string
  readonly agentIds?: readonly string[]
  readonly onlyWhenIdle?: boolean
}

/** The request of a task alone, with other values in these of its parts. */
const expected = ({ neo: options, submit: submitted, fixed, heldTo, ...rest }: Changes) => ({
  ...bare,
  ...rest,
  submit: { ...submit, runExtension: { neo: { ...neo, ...options } }, ...submitted },
  fixed: { ...bare.fixed, ...fixed },
  heldTo: { ...bare.heldTo, ...heldTo },
})
const planNotice =
  'This run is in plan mode. Only tools that read are offered: gather what is needed and propose a plan. Nothing of the plan is carried out, and it cannot be approved here yet; say so in the answer.'
const chatTools = ['fetch_url', 'web_search', 'knowledge_search']
const uuid = '0199b000-0000-7000-8000-00000000abcd'

test('a task alone asks for nothing else', () => {
  expect(read()).toEqual(bare)
})

test.each<[string, CreateTask, Changes]>([
  ['an id that can be one of a task is requested', { id: uuid }, { id: uuid }],
  ['an id that can be none of a task is not', { id: 'my-task' }, {}],
  [
    'an agent is requested, with the steps of the server',
    { agent_id: 'a1' },
    { submit: { agentId: 'a1', stepsMax: 40 }, neo: { agent_id: 'a1' }, fixed: { agent_id: 'a1' } },
  ],
  ['no agents leave the choice', { agent_ids: [] }, {}],
  [
    'of several agents the first one acts, and any of them may',
    { agent_ids: ['a2', 'a3'] },
    { submit: { agentId: 'a2' }, neo: { agent_ids: ['a2', 'a3'] }, agentIds: ['a2', 'a3'] },
  ],
  [
    'an agent goes before several agents',
    { agent_id: 'a1', agent_ids: ['a2', 'a3'] },
    {
      submit: { agentId: 'a1', stepsMax: 40 },
      neo: { agent_id: 'a1', agent_ids: ['a2', 'a3'] },
      fixed: { agent_id: 'a1' },
    },
  ],
  [
    'a project is kept in the metadata',
    { project_id: 'p1' },
    { submit: { metadata: { project_id: 'p1' } }, fixed: { project_id: 'p1' } },
  ],
  ['a visibility is kept', { visibility: 'team' }, { submit: { visibility: 'team' }, fixed: { visibility: 'team' } }],
  [
    'the visibility private is fixed once it is requested',
    { visibility: 'private' },
    { fixed: { visibility: 'private' } },
  ],
  ['an empty visibility is none', { visibility: '' }, {}],
  [
    'a task can be isolated',
    { isolated: true },
    { submit: { extension: { neo: { isolated: true } } }, fixed: { isolated: true } },
  ],
  ['a task that must not be isolated is not', { isolated: false }, { fixed: { isolated: false } }],
  ['a model is kept', { model: 'opus-4.8' }, { submit: { model: 'opus-4.8' } }],
  ['an empty model is kept, which is the default', { model: '' }, { submit: { model: '' } }],
  [
    'steps are kept, and a run in progress is held to them',
    { max_steps: 4 },
    { submit: { stepsMax: 4 }, heldTo: { stepsMax: 4 } },
  ],
  ['steps at the limit are kept', { max_steps: 100 }, { submit: { stepsMax: 100 }, heldTo: { stepsMax: 100 } }],
  ['the mode agent holds nothing back', { mode: 'agent' }, {}],
  [
    'the mode chat offers tools that look things up',
    { mode: 'chat' },
    { submit: { tools: chatTools }, neo: { mode: 'chat' }, heldTo: { tools: chatTools } },
  ],
  [
    'the mode plan offers tools that read, says so, and has one round',
    { mode: 'plan' },
    {
      submit: { toolAccess: ['read'], notice: planNotice },
      neo: { mode: 'plan', max_iterations: 1 },
      heldTo: { toolAccess: ['read'], notice: planNotice },
    },
  ],
  [
    'requested rounds go before those of the mode plan',
    { mode: 'plan', max_iterations: 0 },
    {
      submit: { toolAccess: ['read'], notice: planNotice },
      neo: { mode: 'plan' },
      heldTo: { toolAccess: ['read'], notice: planNotice },
    },
  ],
  ['requested rounds are kept', { max_iterations: 5 }, { neo: { max_iterations: 5 } }],
  [
    'a question may be asked back',
    { ask_question: true },
    { submit: { askQuestion: true }, neo: { ask_question: true } },
  ],
  [
    'a run in progress that may ask keeps to the tools of the mode chat, where asking is allowed',
    { mode: 'chat', ask_question: true },
    {
      submit: { tools: chatTools, askQuestion: true },
      neo: { mode: 'chat', ask_question: true },
      heldTo: { tools: [...chatTools, 'ask_question'] },
    },
  ],
  ['a plan may be executed at once', { auto_execute: true }, { neo: { auto_execute: true } }],
  ['a completion delivery is kept', { completion_delivery: 'webhook' }, { neo: { completion_delivery: 'webhook' } }],
  ['a sandbox is kept', { sandbox_id: 's1' }, { neo: { sandbox_id: 's1' } }],
  ['each secret is kept once', { secrets: ['a', 'b', 'a'] }, { neo: { secrets: ['a', 'b'] } }],
  [
    'file keys are kept, and need an idle task',
    { file_keys: ['f1'] },
    { neo: { file_keys: ['f1'] }, onlyWhenIdle: true },
  ],
  ['no file keys need none', { file_keys: [] }, {}],
  ['a repetition needs an idle task', { regenerate: true }, { onlyWhenIdle: true }],
  [
    'a repetition in the spelling of the AI SDK needs one too',
    { trigger: 'regenerate-message' },
    { onlyWhenIdle: true },
  ],
  ['a submission needs none', { trigger: 'submit-message', regenerate: false }, {}],
])('%s', (_fact, body, changes) => {
  expect(read(body)).toEqual(expected(changes))
})

test('unasked steps are never above the limit of the server', () => {
  const few = { ...limits, steps_max: 30 }
  expect(readCreateTask(few, { task: 'do it' }).submit.stepsMax).toBe(30)
  expect(readCreateTask(few, { task: 'do it', agent_id: 'a1' }).submit.stepsMax).toBe(30)
})

test('ignored fields are kept with the task', () => {
  const { submit: kept } = readCreateTask(limits, { task: 'do it' }, ['colour', 'message.size'])
  expect(kept).toEqual({ ...submit, ignoredFields: ['colour', 'message.size'] })
})

describe('the message of a request', () => {
  const text = (content: string) => ({ type: 'text' as const, text: content })
  const file = { type: 'file' as const, url: 'https://x.example/a' }
  const kept = { type: 'file', media_type: null, name: null, url: 'https://x.example/a' }

  test.each<[string, CreateTask, Changes]>([
    [
      'is the text of its parts, before the task',
      { message: { parts: [text('go')] } },
      { submit: { input: { text: 'go' } } },
    ],
    [
      'joins its parts with an empty line',
      { message: { parts: [text('go'), text('on')] } },
      { submit: { input: { text: 'go\n\non' } } },
    ],
    [
      'leaves empty parts out',
      { message: { parts: [text('go'), text(''), { type: 'text' }, text('on')] } },
      { submit: { input: { text: 'go\n\non' } } },
    ],
    ['is the task where the parts are absent', { message: {} }, {}],
    ['is the task where the parts are empty', { message: { parts: [] } }, {}],
    ['keeps its spaces', { task: ' do it\n' }, { submit: { input: { text: ' do it\n' } } }],
    [
      'has at most the characters of the limit',
      { task: 'x'.repeat(12) },
      { submit: { input: { text: 'x'.repeat(12) } } },
    ],
    ['has an id', { message: { id: 'm1' } }, { neo: { message_id: 'm1' } }],
    ['has no id where it is empty', { message: { id: '' } }, {}],
    [
      'has files, which need an idle task and whose text is no text of it',
      { message: { parts: [{ ...file, text: 'no' }, text('go')] } },
      { submit: { input: { text: 'go' } }, neo: { files: [kept] }, onlyWhenIdle: true },
    ],
    [
      'has files in the spelling of Neo',
      { message: { parts: [text('go'), { type: 'file', media_type: 'text/plain', name: 'a.txt' }] } },
      {
        submit: { input: { text: 'go' } },
        neo: { files: [{ type: 'file', media_type: 'text/plain', name: 'a.txt', url: null }] },
        onlyWhenIdle: true,
      },
    ],
    [
      'has files in the spelling of the AI SDK',
      { message: { parts: [text('go'), { type: 'file', mediaType: 'text/plain', filename: 'a.txt' }] } },
      {
        submit: { input: { text: 'go' } },
        neo: { files: [{ type: 'file', media_type: 'text/plain', name: 'a.txt', url: null }] },
        onlyWhenIdle: true,
      },
    ],
    [
      'is the last one of the user in a chat',
      {
        messages: [
          { role: 'user', id: 'm1', parts: [text('go')] },
          { role: 'assistant', id: 'm2', parts: [text('ok')] },
        ],
      },
      { submit: { input: { text: 'go' } }, neo: { message_id: 'm1' } },
    ],
    [
      'goes before a chat',
      { message: { id: 'm0', parts: [text('stop')] }, messages: [{ role: 'user', id: 'm1', parts: [text('go')] }] },
      { submit: { input: { text: 'stop' } }, neo: { message_id: 'm0' } },
    ],
  ])('%s', (_fact, body, changes) => {
    expect(read(body)).toEqual(expected(changes))
  })

  test.each<[string, CreateTask, string]>([
    ['absent', {}, 'task'],
    ['an empty task', { task: '' }, 'task'],
    ['a task of spaces', { task: ' \n\t' }, 'task'],
    ['an empty list of parts', { message: { parts: [] } }, 'task'],
    ['a chat without the user', { messages: [{ role: 'assistant', parts: [text('ok')] }] }, 'task'],
    ['empty parts', { task: 'do it', message: { parts: [text('')] } }, 'message.parts'],
    ['parts of spaces', { task: 'do it', message: { parts: [text(' '), text('\n')] } }, 'message.parts'],
    ['only files', { task: 'do it', message: { parts: [file] } }, 'message.parts'],
  ])('that is %s is refused', (_fact, body, field) => {
    expect(() => readCreateTask(limits, body)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: 'The request says nothing that could be done.',
        fields: [{ field, message: 'must hold text; message.parts or task is needed' }],
      }),
    )
  })

  test.each<[string, CreateTask]>([
    ['task', { task: 'x'.repeat(13) }],
    ['parts', { message: { parts: [text('x'.repeat(5)), text('x'.repeat(6))] } }],
  ])('whose %s are above the limit is refused', (_fact, body) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: 'message is above the limit: at most 12 are allowed.',
        fields: [{ field: 'message', message: 'must be at most 12 (message_chars_max)' }],
        limit: 'message_chars_max',
      }),
    )
  })
})

test('steps above the limit are refused', () => {
  expect(() => read({ max_steps: 101 })).toThrow(
    expect.objectContaining({
      code: 'invalid_input',
      message: 'max_steps is above the limit: at most 100 are allowed.',
      fields: [{ field: 'max_steps', message: 'must be at most 100 (steps_max)' }],
      limit: 'steps_max',
    }),
  )
})

test.each([
  [uuid, uuid],
  [uuid.toUpperCase(), uuid],
  ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001'],
  ['10000000-0000-0000-0000-000000000000', '10000000-0000-0000-0000-000000000000'],
  ['00000000-0000-0000-0000-000000000000', undefined],
  [`x${uuid}`, undefined],
  [`${uuid}0`, undefined],
  [uuid.replaceAll('-', ''), undefined],
  [uuid.replace('b', 'g'), undefined],
  ['', undefined],
  [7, undefined],
  [null, undefined],
  [undefined, undefined],
  [[uuid], undefined],
])('the id %j of a request names the task %j', (value, id) => {
  expect(readTaskId(value)).toBe(id)
})

test.each<[CreateTask, boolean]>([
  [{}, false],
  [{ regenerate: false }, false],
  [{ regenerate: true }, true],
  [{ trigger: 'submit-message' }, false],
  [{ trigger: 'regenerate-message' }, true],
  [{ trigger: 'regenerate-message', regenerate: false }, true],
  [{ trigger: 'submit-message', regenerate: true }, true],
])('%j wants a repetition: %s', (body, repeats) => {
  expect(wantsRepetition(body)).toBe(repeats)
})

describe('the message of the user in a chat', () => {
  test.each([
    ['no chat', undefined],
    ['an empty chat', []],
    ['a chat without the user', [{ role: 'assistant' }, { role: 'system' }]],
  ])('is absent from %s', (_fact, messages) => {
    expect(readUserMessage(messages)).toBeUndefined()
  })

  test('is the last one, with its parts', () => {
    const messages = [
      { role: 'user', id: 'm1', parts: [{ type: 'text', text: 'one' }] },
      { role: 'user', id: 'm2', parts: [{ type: 'text', text: 'two' }] },
      { role: 'assistant', id: 'm3', parts: [] },
    ]
    expect(readUserMessage(messages)).toEqual({ id: 'm2', parts: [{ type: 'text', text: 'two' }] })
  })

  test('may have neither an id nor parts', () => {
    expect(readUserMessage([{ role: 'user' }])).toEqual({ parts: [] })
    expect(readUserMessage([{ role: 'user', id: '' }])).toEqual({ id: '', parts: [] })
  })

  test('keeps the texts of its parts, and no other fields and no other kinds of parts', () => {
    const texts = { text: 'a', media_type: 'b', mediaType: 'c', name: 'd', filename: 'e', url: 'f' }
    const parts = [
      { type: 'step-start' },
      { type: 'text', ...texts, state: 'done' },
      { type: 'tool-x', text: 'no' },
      { type: 'file', ...texts, size: 1 },
      { type: 'file', text: 1, media_type: null, mediaType: {}, name: [], filename: false, url: undefined },
    ]
    expect(readUserMessage([{ role: 'user', parts }])).toEqual({
      parts: [{ type: 'text', ...texts }, { type: 'file', ...texts }, { type: 'file' }],
    })
  })
})

test.each([
  ['json', 'text/event-stream', true],
  ['sse', 'application/json', false],
  [undefined, undefined, false],
  [undefined, '*/*', false],
  [undefined, 'application/json', true],
  [undefined, 'Application/JSON; charset=utf-8', true],
  [undefined, 'text/event-stream', false],
  [undefined, 'application/json, text/plain, */*', true],
  [undefined, 'application/json, text/event-stream', true],
  [undefined, 'application/json;q=0.5, text/event-stream', false],
  [undefined, 'application/json;q=0, */*', false],
  [undefined, 'application/json;q=abc', false],
  [undefined, 'application/json;q=0.5, text/event-stream;q=0.4', true],
  [undefined, 'application/json;level=1;q=0.1, text/event-stream;q=0.2', false],
  [undefined, 'application/json;Q=0, text/plain', false],
  [undefined, 'text/plain;q=1, application/json', true],
  [undefined, 'application/json;q=0.2, application/json, text/event-stream;q=0.5', false],
  [undefined, 'application/json;q=Infinity', false],
  [undefined, '', false],
  [undefined, 'application/json-seq', false],
] as const)('response_format %s and Accept %s: JSON is %s', (format, accept, json) => {
  expect(wantsJson(format, accept)).toBe(json)
})
