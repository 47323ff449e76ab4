import type { Limits } from '../../../domain/limits.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import type { Restraints } from '../../../engine/submission/find-exceeded-restraint.ts'
import type { ChatMessage, CreateTask, Message, Mode, Part } from './contract/create-task.ts'
import { type FilePart, filePart, readRunOptions, writeExtension } from './extension.ts'

/** A create request as the engine takes it. */
export interface WantedTask {
  /** The id that was asked for, where it can be a task's. */
  readonly id: string | undefined
  readonly submit: SubmitTask
  /** What belongs to the task and cannot change with a further message, as far as it was given. */
  readonly fixed: {
    readonly agent_id?: string
    readonly project_id?: string
    readonly visibility?: string
    readonly isolated?: boolean
  }
  /** What a run under way has to be held to, to be given the message. */
  readonly heldTo: Restraints
  /** The agents of whom one is to act; none where that is open, or one is named. */
  readonly agentIds: readonly string[]
  /** What a run under way cannot be given: files, and the last message once more. */
  readonly onlyWhenIdle: boolean
}

const uuid = /^(?!0{8}-0{4}-0{4}-0{4}-0{12}$)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u

/** Whether the last answer is asked for once more, in the words of the AI SDK's transport or in our own. */
export function wantsRepetition({ trigger, regenerate }: CreateTask): boolean {
  return regenerate === true || trigger === 'regenerate-message'
}

/** The tools of a conversation: looking things up in the web and in what is known, and nothing that acts. */
const chatTools = ['fetch_url', 'web_search', 'knowledge_search']

/** As long as a plan can be neither approved nor carried out. */
const planNotice =
  'This run is in plan mode. Only tools that read are offered: gather what is needed and propose a plan. Nothing of the plan is carried out, and it cannot be approved here yet; say so in the answer.'

/** What each mode holds back, whatever else was asked for. */
const restraintOf: Readonly<Record<Mode, Pick<SubmitTask, 'tools' | 'toolAccess' | 'notice'>>> = {
  agent: {},
  chat: { tools: chatTools },
  plan: { toolAccess: ['read'], notice: planNotice },
}

const swarmStepsDefault = 60

/** Refuses `invalid_input`: a request that says nothing, and what is above a limit of the server. */
export function readCreateTask(limits: Limits, body: CreateTask, ignoredFields: readonly string[] = []): WantedTask {
  const said = saidIn(body)
  withinLimit(limits, 'message_chars_max', 'message', said.text.length)
  withinLimit(limits, 'steps_max', 'max_steps', body.max_steps ?? 0)
  const { agent_id, agent_ids = [], project_id, visibility, isolated, mode = 'agent', model } = body
  const restraint = restraintOf[mode]
  const options = readRunOptions(body, said.messageId, said.files)
  const stepsUnasked = agent_id === undefined ? swarmStepsDefault : limits.steps_default
  const steps = body.max_steps ?? Math.min(limits.steps_max, stepsUnasked)
  return {
    id: readTaskId(body.id),
    submit: {
      input: { text: said.text },
      // Who names agents wants no other to act. Until several work together the first of them does it alone.
      agentId: agent_id ?? agent_ids[0] ?? null,
      dialect: 'neo',
      visibility: visibility || 'private',
      stepsMax: steps,
      metadata: project_id === undefined ? {} : { project_id },
      extension: { neo: { isolated: isolated ?? false } },
      runExtension: writeExtension(options),
      ignoredFields,
      ...(model !== undefined && { model }),
      ...restraint,
    },
    heldTo: { ...restraint, stepsMax: body.max_steps ?? null },
    agentIds: agent_id === undefined ? agent_ids : [],
    fixed: {
      ...(agent_id !== undefined && { agent_id }),
      ...(project_id !== undefined && { project_id }),
      ...(visibility && { visibility }),
      ...(isolated !== undefined && { isolated }),
    },
    onlyWhenIdle: said.files.length > 0 || options.file_keys.length > 0 || wantsRepetition(body),
  }
}

/** The task that a request names. An id that is no UUID counts as none, and so does the nil UUID, which by its own definition names nothing. */
export function readTaskId(given: unknown): string | undefined {
  const id = typeof given === 'string' ? given.toLowerCase() : ''
  return uuid.test(id) ? id : undefined
}

interface Said {
  readonly text: string
  readonly files: readonly FilePart[]
  readonly messageId: string | null
}

/** The parts of the message go before `task`; parts that are absent or none at all leave it to `task`. */
function saidIn(body: CreateTask): Said {
  const message = body.message ?? readUserMessage(body.messages)
  const { parts = [] } = message ?? {}
  const said = parts.length > 0 ? textOf(parts) : (body.task ?? '')
  if (said.trim() === '') {
    const field = parts.length > 0 ? 'message.parts' : 'task'
    const fields = [{ field, message: 'must hold text; message.parts or task is needed' }]
    throw new Refusal('invalid_input', 'The request says nothing that could be done.', { fields })
  }
  const files = parts.filter(({ type }) => type === 'file').map(filePart)
  return { text: said, files, messageId: message?.id || null }
}

function textOf(parts: readonly Part[]): string {
  return parts.flatMap(({ type, text }) => (type === 'text' && text ? [text] : [])).join('\n\n')
}

/**
 * What the user said last in a chat as the AI SDK's transport sends it: the server has the rest already. Parts of kinds that
 * a user's message has not are left out.
 */
export function readUserMessage(messages: readonly ChatMessage[] | undefined): Message | undefined {
  const last = messages?.findLast(({ role }) => role === 'user')
  if (last === undefined) return undefined
  const parts = (last.parts ?? []).flatMap((part) => readPart(part))
  return { ...(last.id !== undefined && { id: last.id }), parts }
}

function readPart(part: { readonly type: string } & Readonly<Record<string, unknown>>): Part[] {
  if (part.type !== 'text' && part.type !== 'file') return []
  const text = (name: string) => (typeof part[name] === 'string' ? { [name]: part[name] } : {})
  const names = ['text', 'media_type', 'mediaType', 'name', 'filename', 'url']
  return [Object.assign({ type: part.type }, ...names.map(text))]
}

/**
 * Whether a create request is answered with JSON: `response_format` goes before `Accept: application/json`, which goes before
 * the default, a stream. A client that names both media types gets what it prefers, and JSON where it prefers none.
 */
export function wantsJson(responseFormat: 'sse' | 'json' | undefined, accept: string | undefined): boolean {
  if (responseFormat !== undefined) return responseFormat === 'json'
  const json = qualityOf('application/json', accept)
  return json > 0 && json >= qualityOf('text/event-stream', accept)
}

/** The q of a media type that an Accept header names; 0 for one that it does not name. A range such as any type names none. */
function qualityOf(mediaType: string, accept = ''): number {
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (type !== mediaType) continue
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const value = q === undefined ? 1 : Number(q.slice(2))
    return Number.isFinite(value) ? value : 0
  }
  return 0
}
