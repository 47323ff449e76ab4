import type { TextStreamPart, ToolSet } from 'ai'
import type { ModelCall } from '../model.ts'

/** What an answer may come to, in bytes. */
export interface AnswerLimits {
  /** Everything that the provider sends, after decompression: text, frames, comments, the body of an error. */
  readonly receivedBytesMax: number
  /** One event of the stream, or the body of an error: what is held whole before it can be read. */
  readonly eventBytesMax: number
  /** JSON values in one event: they are parsed and checked in one go, and each costs more than its bytes. */
  readonly eventValuesMax: number
  /** What is kept in memory until the answer is complete. */
  readonly keptBytesMax: number
  /** Calls of tools, each of which becomes an event, a content and a decision. */
  readonly toolCallsMax: number
}

/** The limits by which an answer is ended, as docs/operating.md has them. */
export type AnswerLimit = 'answer_bytes_per_token_max' | 'tool_calls_per_response_max'

export interface AnswerMeterSettings {
  /** The limit `answer_bytes_per_token_max`. */
  readonly answerBytesPerTokenMax: number
  /** The limit `tool_calls_per_response_max`. */
  readonly toolCallsPerResponseMax: number
}

/** Counts one answer of a provider. Each method answers whether the answer is still within its limits. */
export interface AnswerMeter {
  /** A request of so many characters is sent. */
  request(chars: number): void
  /** These bytes came over the connection; `whole`: the body is no stream of lines, and is held until its end. */
  receive(bytes: Uint8Array, whole: boolean): boolean
  /** This part of the answer is kept. */
  keep(part: TextStreamPart<ToolSet>): boolean
  /** The limit that was passed, where one was. */
  readonly exceeded: AnswerLimit
}

const mebibyte = 1024 * 1024
/** What an answer may come to however few tokens it may have: an error, signatures, the frames around the text. */
const receivedBytesFree = mebibyte
const keptBytesFree = mebibyte / 4
/** So many take a package about 50 ms. The frames that repeat a request with many tools stay far below. */
const eventValuesMax = 50_000
/** Of what is sent for a token, most is the frame around it, which is not kept. */
const keptShare = 1 / 8
/** Some providers repeat the instructions and the tools in their first and last frames. */
const requestRepeatsMax = 4
/** What keeping a part costs beside its text, and what a tool call does, which many things are made of later. */
const bytesPerPart = 24
const bytesPerToolCall = 1024

/** For calls that set no limit of tokens. */
export const outputTokensUnset = 32_000

export function answerLimits(
  call: Pick<ModelCall, 'outputTokensMax'>,
  { answerBytesPerTokenMax, toolCallsPerResponseMax }: AnswerMeterSettings,
): AnswerLimits {
  const forTokens = (call.outputTokensMax ?? outputTokensUnset) * answerBytesPerTokenMax
  const keptBytesMax = keptBytesFree + forTokens * keptShare
  return {
    receivedBytesMax: receivedBytesFree + forTokens,
    eventBytesMax: receivedBytesFree + keptBytesMax,
    eventValuesMax,
    keptBytesMax,
    toolCallsMax: toolCallsPerResponseMax,
  }
}

/**
 * Holds the answer of a provider to what the tokens that were asked for can come to, so that one which does not stop costs
 * neither the memory of the process nor more than was reserved for the call.
 */
export function createAnswerMeter(limits: AnswerLimits): AnswerMeter {
  let repeated = 0
  let received = 0
  const event = createEventCount()
  let kept = 0
  /** A provider's package tells of a call when it begins, when it is complete, or both. */
  let begunCalls = 0
  let completeCalls = 0
  return {
    request(chars) {
      repeated = chars * requestRepeatsMax
    },
    receive(bytes, whole) {
      received += bytes.byteLength
      const largest = event.add(bytes, whole)
      return (
        received <= limits.receivedBytesMax + repeated &&
        largest.bytes <= limits.eventBytesMax + repeated &&
        largest.values <= limits.eventValuesMax
      )
    },
    keep(part) {
      kept += keptBytesOf(part)
      if (part.type === 'tool-input-start') begunCalls += 1
      if (part.type === 'tool-call') completeCalls += 1
      return kept <= limits.keptBytesMax && Math.max(begunCalls, completeCalls) <= limits.toolCallsMax
    },
    get exceeded() {
      const tooManyCalls = Math.max(begunCalls, completeCalls) > limits.toolCallsMax
      return tooManyCalls ? 'tool_calls_per_response_max' : 'answer_bytes_per_token_max'
    },
  }
}

const [newline, carriageReturn, quote, backslash, comma, openBracket, openBrace] = Buffer.from('\n\r"\\,[{')

/** What the event that is under way has come to, and the largest of those that ended in the bytes just added. */
interface EventSize {
  bytes: number
  values: number
}

/**
 * Follows a stream of server-sent events byte by byte. An event ends at an empty line, and a text of JSON at the end of its
 * line, whether or not it was closed. Commas and opening brackets outside of texts are as many as JSON values, about.
 */
function createEventCount(): { add(bytes: Uint8Array, whole: boolean): EventSize } {
  let current: EventSize = { bytes: 0, values: 0 }
  let isLineEmpty = true
  let isInText = false
  let isEscaped = false
  return {
    add(bytes, whole) {
      const largest: EventSize = { bytes: 0, values: 0 }
      const keepLargest = () => {
        largest.bytes = Math.max(largest.bytes, current.bytes)
        largest.values = Math.max(largest.values, current.values)
      }
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at]
        current.bytes += 1
        if (byte === newline) {
          if (isLineEmpty && !whole) {
            keepLargest()
            current = { bytes: 0, values: 0 }
          }
          isLineEmpty = true
          isInText = false
          isEscaped = false
          continue
        }
        if (byte === carriageReturn) continue
        isLineEmpty = false
        if (isEscaped) isEscaped = false
        else if (byte === quote) isInText = !isInText
        else if (isInText) isEscaped = byte === backslash
        else if (byte === comma || byte === openBracket || byte === openBrace) current.values += 1
      }
      keepLargest()
      return largest
    },
  }
}

function keptBytesOf(part: TextStreamPart<ToolSet>): number {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return bytesPerPart + part.text.length + metadataBytes(part)
    case 'tool-input-delta':
      return bytesPerPart + part.delta.length + metadataBytes(part)
    case 'tool-call':
      return bytesPerToolCall + jsonBytes(part.input) + metadataBytes(part)
    case 'file':
    case 'reasoning-file':
      return bytesPerPart + part.file.base64.length
    case 'source':
      return bytesPerPart + jsonBytes(part)
    // These speak of the call, not of its answer, and there is one of each.
    case 'start':
    case 'start-step':
    case 'finish-step':
    case 'finish':
      return 0
    default:
      return bytesPerPart + metadataBytes(part)
  }
}

/** Signatures and encrypted reasoning come in it. */
function metadataBytes(part: object): number {
  return 'providerMetadata' in part && part.providerMetadata !== undefined ? jsonBytes(part.providerMetadata) : 0
}

function jsonBytes(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0
}
