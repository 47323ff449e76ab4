import type { Limits } from '../../../domain/limits.ts'
import { type FieldError, Refusal } from '../../../domain/refusal.ts'
import type { Place } from '../../../domain/task.ts'
import type { SubmitTask } from '../../../engine/commands/submit-task.ts'
import { withinLimit } from '../../../engine/settings/within-limit.ts'
import type { StartTaskBody } from './contract/start-task.ts'
import { placeOfCloud, placeOfMachine, readId } from './ids.ts'

/** The mode of a start decides where the task runs: in a pool, on a machine, or where its parent does. */
export type StartMode =
  | { readonly mode: 'cloud'; readonly place: Place; readonly input: SubmitTask['input'] }
  | {
      readonly mode: 'local'
      readonly place: Place
      readonly input: SubmitTask['input']
      readonly dataEncryptionKey: string
    }
  /** A sub-task without a message gets its parent's. */
  | { readonly mode: 'sub-task'; readonly parentId: string; readonly input: SubmitTask['input'] | undefined }

const markers = ['cloudId', 'machineId', 'parentTaskId'] as const
const localFields = ['encryptedMessage', 'dataEncryptionKey', 'cwd', 'forceUserCwd'] as const

/** The media type of an encrypted message, which is only bytes to the server. */
const sealedMediaType = 'application/octet-stream'

/**
 * Reads the one mode of a start and checks it in full. Refuses `invalid_input` and names each field where there is no
 * mode or several, where a needed field is missing, where a field belongs to another mode, and where the message is
 * above the limit.
 */
export function readStartMode(limits: Limits, body: StartTaskBody): StartMode {
  const { cloudId, machineId, parentTaskId, message, encryptedMessage, dataEncryptionKey } = body
  const modes = markers.filter((name) => body[name] !== undefined)
  if (modes.length !== 1) throw notOneMode(modes)
  withinLimit(limits, 'message_chars_max', 'message.content', message?.content.length ?? 0)
  const input = message && { text: message.content }

  if (machineId !== undefined) {
    const errors = [...foreign(body, ['message'], 'machineId')]
    if (encryptedMessage === undefined) errors.push(needed('encryptedMessage', 'machineId'))
    if (dataEncryptionKey === undefined) errors.push(needed('dataEncryptionKey', 'machineId'))
    if (errors.length > 0 || encryptedMessage === undefined || dataEncryptionKey === undefined) throw invalid(errors)
    const sealed = Buffer.from(encryptedMessage, 'base64')
    withinLimit(limits, 'message_chars_max', 'encryptedMessage', sealed.length)
    const sealedInput = { sealed: new Uint8Array(sealed), mediaType: sealedMediaType }
    return { mode: 'local', place: placeOfMachine(machineId), input: sealedInput, dataEncryptionKey }
  }
  const errors = foreign(body, localFields, cloudId === undefined ? 'parentTaskId' : 'cloudId')
  if (cloudId !== undefined && input === undefined) errors.push(needed('message', 'cloudId'))
  if (errors.length > 0) throw invalid(errors)
  if (parentTaskId !== undefined) return { mode: 'sub-task', parentId: readId('task', parentTaskId), input }
  return { mode: 'cloud', place: placeOfCloud(cloudId ?? ''), input: input ?? { text: '' } }
}

function notOneMode(modes: readonly string[]): Refusal {
  const message =
    modes.length === 0
      ? 'is needed, or machineId, or parentTaskId: one of them says where the task is worked on'
      : 'is one of several that exclude each other: give one of cloudId, machineId, parentTaskId'
  return invalid((modes.length === 0 ? ['cloudId'] : modes).map((field) => ({ field, message })))
}

function foreign(body: StartTaskBody, names: readonly (keyof StartTaskBody)[], mode: string): FieldError[] {
  const present = names.filter((name) => body[name] !== undefined)
  return present.map((field) => ({ field, message: `does not belong to a task with ${mode}` }))
}

function needed(field: string, mode: string): FieldError {
  return { field, message: `is needed beside ${mode}` }
}

function invalid(fields: readonly FieldError[]): Refusal {
  return new Refusal('invalid_input', 'The request is not one mode of starting a task.', { fields })
}
