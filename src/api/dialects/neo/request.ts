import type { Limits } from '../../../domain/limits.ts'
import { Refusal } from '../../../domain/refusal.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import type { Restraints } from '../../../engine/submission/find-exceeded-restraint.ts'
import type { ChatMessage, CreateTask, Message, Mode, Part } from './contract/create-task.ts'
import { type FilePart, filePart, type RunOptions, readRunOptions, writeExtension } from './extension.ts'

/** A create request as the engine takes it. It is not yet decided whether it starts a task or continues one. */
export interface TaskRequest {
  /** The requested id, where it can be the id of a task. */
  readonly id: string | undefined
  readonly submit: SubmitTask
  /** The requested fields of the task, which a further message cannot change. */
  readonly fixed: {
    readonly agent_id?: string | undefined
    readonly project_id?: string | undefined
    readonly visibility?: string | undefined
    readonly isolated?: boolean | undefined
  }
  /** The restraints that a run in progress must be under to get the message. */
  readonly heldTo: Restraints
  /** The agents of whom one must act. The list is empty where any may, or where one is named. */
  readonly agentIds: readonly string[]
  /** True where a run in progress cannot get the message: it has files, or repeats the last answer. */
  readonly onlyWhenIdle: boolean
}

const uuid = /^(?!0{8}-0{4}-0{4}-0{4}-0{12}$)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u

/** Tells whether the request repeats the last answer, in the spelling of the AI SDK's transport or of Neo. */
export function wantsRepetition({ trigger, regenerate }: CreateTask): boolean {
  return regenerate === true || trigger === 'regenerate-message'
}

/** The tools of chat mode look things up in the web and in what is known. None of them acts. */
const chatTools = ['fetch_url', 'web_search', 'knowledge_search']

/** This notice stands as long as a plan can be neither approved nor executed. */
const planNotice =
  'This run is in plan mode. Only tools that read are offered: gather what is needed and propose a plan. Nothing of the plan is carried out, and it cannot be approved here yet; say so in the answer.'

/** The restraints of each mode, which hold whatever else was requested. */
const restraintOf: Readonly<Record<Mode, Pick<SubmitTask, 'tools' | 'toolAccess' | 'notice'>>> = {
  agent: {},
  chat: { tools: chatTools },
  plan: { toolAccess: ['read'], notice: planNotice },
}

const swarmStepsDefault = 60

/**
 * Converts a create request to a request of the engine. Refuses `invalid_input` where the request holds no text or is
 * above a limit of the server.
 */
export function readCreateTask(limits: Limits, body: CreateTask, ignoredFields: readonly string[] = []): TaskRequest {
  const content = readContent(body)
  withinLimit(limits, 'message_chars_max', 'message', content.text.length)
  withinLimit(limits, 'steps_max', 'max_steps', body.max_steps ?? 0)
  const { agent_id, agent_ids = [], project_id, visibility, isolated, mode = 'agent', model } = body
  const restraint = restraintOf[mode]
  const options = readRunOptions(body, content.messageId, content.files)
  const stepsUnasked = agent_id === undefined ? swarmStepsDefault : limits.steps_default
  const steps = body.max_steps ?? Math.min(limits.steps_max, stepsUnasked)
  return {
    id: readTaskId(body.id),
    submit: {
      input: { text: content.text },
      // A request that names agents excludes all others. Until several work together the first of them does it alone.
      agentId: agent_id ?? agent_ids[0] ?? null,
      dialect: 'neo',
      visibility: visibility || 'private',
      stepsMax: steps,
      metadata: project_id === undefined ? {} : { project_id },
      extension: { neo: { isolated: isolated ?? false } },
      runExtension: writeExtension(options),
      ignoredFields,
      model,
      askQuestion: options.ask_question,
      ...restraint,
    },
    heldTo: { ...restraint, ...mayAsk(restraint, options), stepsMax: body.max_steps ?? null },
    agentIds: agent_id === undefined ? agent_ids : [],
    fixed: { agent_id, project_id, visibility: visibility || undefined, isolated },
    onlyWhenIdle: content.files.length > 0 || options.file_keys.length > 0 || wantsRepetition(body),
  }
}

/** A run that may ask people keeps to a list of tools as one that may not, where the message allows asking. */
function mayAsk({ tools }: Restraints, { ask_question }: RunOptions): Pick<Restraints, 'tools'> {
  return tools === undefined || !ask_question ? {} : { tools: [...tools, 'ask_question'] }
}

/**
 * Reads the id of the task that a request names. Text that is no UUID is undefined, and so is the nil UUID, which by
 * its own definition names nothing.
 */
export function readTaskId(value: unknown): string | undefined {
  const id = typeof value === 'string' ? value.toLowerCase() : ''
  return uuid.test(id) ? id : undefined
}

interface RequestContent {
  readonly text: string
  readonly files: readonly FilePart[]
  readonly messageId: string | null
}

/**
 * Reads the text and the files of a request. `message.parts` take precedence over `task`, unless they are absent or
 * empty.
 */
function readContent(body: CreateTask): RequestContent {
  const message = body.message ?? readUserMessage(body.messages)
  const { parts = [] } = message ?? {}
  const text = parts.length > 0 ? textOf(parts) : (body.task ?? '')
  if (text.trim() === '') {
    const field = parts.length > 0 ? 'message.parts' : 'task'
    const fields = [{ field, message: 'must hold text; message.parts or task is needed' }]
    throw new Refusal('invalid_input', 'The request says nothing that could be done.', { fields })
  }
  const files = parts.filter(({ type }) => type === 'file').map(filePart)
  return { text, files, messageId: message?.id || null }
}

function textOf(parts: readonly Part[]): string {
  return parts.flatMap(({ type, text }) => (type === 'text' && text ? [text] : [])).join('\n\n')
}

/**
 * Finds the last message of the user in a chat as the AI SDK's transport sends it, because the server has the earlier
 * ones already. Kinds of parts that a user's message does not have are left out.
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
 * Tells whether a create request is answered with JSON. `response_format` takes precedence over `Accept:
 * application/json`, and that over the default, a stream. A client that names both media types gets the one that it
 * prefers, and JSON where it prefers neither.
 */
export function wantsJson(responseFormat: 'sse' | 'json' | undefined, accept: string | undefined): boolean {
  if (responseFormat !== undefined) return responseFormat === 'json'
  const json = qualityOf('application/json', accept)
  return json > 0 && json >= qualityOf('text/event-stream', accept)
}

/**
 * Reads the q of a media type in an Accept header. It is 0 where the header does not name the type; a range such as
 * any type names none.
 */
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
