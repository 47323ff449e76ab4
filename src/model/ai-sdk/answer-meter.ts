import type { TextStreamPart, ToolSet } from 'ai'
import type { ModelCall } from '../model.ts'

/** The limits of one answer of a provider, in bytes. */
export interface AnswerLimits {
  /** Bytes that the provider may send, after decompression: text, frames, comments, the body of an error. */
  readonly receivedBytesMax: number
  /**
   * Bytes of one event of the stream, or of the body of an error, which are held completely before they can be read.
   */
  readonly eventBytesMax: number
  /** JSON values in one event. They are parsed and checked at once, and each costs more than its bytes. */
  readonly eventValuesMax: number
  /** Bytes that are kept in memory until the answer is complete. */
  readonly keptBytesMax: number
  /** Calls of tools, each of which becomes an event, a content and a decision. */
  readonly toolCallsMax: number
}

/** The limits at which an answer is ended, by their names in docs/operating.md. */
export type AnswerLimit = 'answer_bytes_per_token_max' | 'tool_calls_per_response_max'

/** The configured limits of answers. */
export interface AnswerMeterSettings {
  /** The limit `answer_bytes_per_token_max`. */
  readonly answerBytesPerTokenMax: number
  /** The limit `tool_calls_per_response_max`. */
  readonly toolCallsPerResponseMax: number
}

/** Measures one answer of a provider. Each method returns whether the answer is still within its limits. */
export interface AnswerMeter {
  /** Records that a request of this many characters was sent. */
  request(chars: number): void
  /** Records bytes that arrived. `whole` says that the body is no stream of lines and is held until its end. */
  receive(bytes: Uint8Array, whole: boolean): boolean
  /** Records a part of the answer that is kept. */
  keep(part: TextStreamPart<ToolSet>): boolean
  /** The limit that was exceeded, if one was. */
  readonly exceeded: AnswerLimit
}

const mebibyte = 1024 * 1024
/** Bytes that an answer may have however few its tokens: an error, signatures, the frames around the text. */
const receivedBytesFree = mebibyte
const keptBytesFree = mebibyte / 4
/** The values that take a package about 50 ms. Frames that repeat a request with many tools stay far below. */
const eventValuesMax = 50_000
/** The share of the sent bytes that is kept. Most of the rest is the frame around a token. */
const keptShare = 1 / 8
/** The number of times that some providers repeat the instructions and the tools, in their first and last frames. */
const requestRepeatsMax = 4
/**
 * The bytes that keeping a part costs beside its text, and those of a tool call, from which many values are made later.
 */
const bytesPerPart = 24
const bytesPerToolCall = 1024

/** The limit of tokens for calls that set none. */
export const outputTokensUnset = 32_000

/** The limits of the answer to this call. */
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
 * Limits the answer of a provider to what its requested tokens can amount to, so that a provider that does not stop
 * exhausts neither the memory of the process nor more than was reserved for the call.
 */
export function createAnswerMeter(limits: AnswerLimits): AnswerMeter {
  let repeated = 0
  let received = 0
  const event = createEventCount()
  let kept = 0
  /** The calls that began. A provider's package reports a call when it begins, when it is complete, or both. */
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

/** The size of the current event, and the largest of those that ended in the bytes just added. */
interface EventSize {
  bytes: number
  values: number
}

/**
 * Counts the events of a stream byte by byte. An event ends at an empty line, and a JSON text at the end of its line,
 * whether or not it was closed. The JSON values are estimated by the commas and opening brackets outside of texts.
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
    // These parts describe the call and not its answer, and there is one of each.
    case 'start':
    case 'start-step':
    case 'finish-step':
    case 'finish':
      return 0
    default:
      return bytesPerPart + metadataBytes(part)
  }
}

/** The bytes of the metadata, which hold signatures and encrypted reasoning. */
function metadataBytes(part: object): number {
  return 'providerMetadata' in part && part.providerMetadata !== undefined ? jsonBytes(part.providerMetadata) : 0
}

function jsonBytes(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0
}
