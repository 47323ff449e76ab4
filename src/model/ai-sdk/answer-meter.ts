import type { TextStreamPart, ToolSet } from 'ai'
import type { ModelCall } from '../model.ts'

/** What an answer may come to, in bytes. */
export interface AnswerLimits {
  /** Everything that the provider sends, after decompression: text, frames, comments, the body of an error. */
  readonly receivedBytesMax: number
  /** One line, or the body of an error: what is held whole before it can be read. */
  readonly lineBytesMax: number
  /** What is kept in memory until the answer is complete. */
  readonly keptBytesMax: number
}

/** Counts one answer of a provider. Each method answers whether the answer is still within its limits. */
export interface AnswerMeter {
  /** A request of so many characters is sent. */
  request(chars: number): void
  /** These bytes came over the connection; `whole`: the body is no stream of lines, and is held until its end. */
  receive(bytes: Uint8Array, whole: boolean): boolean
  /** This part of the answer is kept. */
  keep(part: TextStreamPart<ToolSet>): boolean
}

const mebibyte = 1024 * 1024
/** What an answer may come to however few tokens it may have: an error, signatures, the frames around the text. */
const receivedBytesFree = mebibyte
const keptBytesFree = mebibyte / 4
/** Of what is sent for a token, most is the frame around it, which is not kept. */
const keptShare = 1 / 8
/** Some providers repeat the instructions and the tools in their first and last frames. */
const requestRepeatsMax = 4
/** What keeping a part costs beside its text, and what a tool call does, which many things are made of later. */
const bytesPerPart = 24
const bytesPerToolCall = 1024

/** For calls that set no limit of tokens. */
export const outputTokensUnset = 32_000

export function answerLimits(call: Pick<ModelCall, 'outputTokensMax'>, bytesPerTokenMax: number): AnswerLimits {
  const forTokens = (call.outputTokensMax ?? outputTokensUnset) * bytesPerTokenMax
  const keptBytesMax = keptBytesFree + forTokens * keptShare
  return {
    receivedBytesMax: receivedBytesFree + forTokens,
    lineBytesMax: receivedBytesFree + keptBytesMax,
    keptBytesMax,
  }
}

/**
 * Holds the answer of a provider to what the tokens that were asked for can come to, so that one which does not stop costs
 * neither the memory of the process nor more than was reserved for the call.
 */
export function createAnswerMeter(limits: AnswerLimits): AnswerMeter {
  let repeated = 0
  let received = 0
  let line = 0
  let kept = 0
  return {
    request(chars) {
      repeated = chars * requestRepeatsMax
    },
    receive(bytes, whole) {
      const lineEnd = whole ? -1 : bytes.lastIndexOf(newline)
      received += bytes.byteLength
      line = lineEnd === -1 ? line + bytes.byteLength : bytes.byteLength - lineEnd - 1
      return received <= limits.receivedBytesMax + repeated && line <= limits.lineBytesMax + repeated
    },
    keep(part) {
      kept += keptBytesOf(part)
      return kept <= limits.keptBytesMax
    },
  }
}

const newline = 10

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
