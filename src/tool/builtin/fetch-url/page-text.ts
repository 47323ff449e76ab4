import { ToolError } from '../../tool.ts'
import { decodeUtf8 } from '../builtin-tool.ts'
import type { FetchedPage } from './fetch-page.ts'

/** The text of a page. */
export interface PageText {
  readonly isHtml: boolean
  readonly text: string
}

/**
 * Decodes the text of a page as its server or the page itself declares. Throws ToolError `type_refused` for a body that
 * is no text.
 */
export function pageText(page: FetchedPage): PageText {
  const [type = '', ...parameters] = page.contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const isHtml = type === 'text/html' || type === 'application/xhtml+xml'
  if (type !== '' && !isHtml && !isTextType(type)) throw typeRefused(page, `is ${type}`)
  if (type === '' || page.body.includes(0)) {
    // The server declares no type or a wrong one, so that the bytes decide.
    const text = decodeUtf8(page.body)
    if (text === undefined && !namesUtf16(parameters)) throw typeRefused(page, 'is binary data')
    if (text !== undefined) return { isHtml, text }
  }
  const charset = charsetOf(parameters) ?? (isHtml ? charsetInPage(page.body) : undefined)
  return { isHtml, text: decode(page.body, charset) }
}

function isTextType(type: string): boolean {
  if (type.startsWith('text/')) return true
  return /^application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|javascript|x-javascript|x-ndjson|jsonl|toml|sql)$/u.test(
    type,
  )
}

function typeRefused(page: FetchedPage, what: string): ToolError {
  return new ToolError('type_refused', `${page.url.href} ${what}; only text, HTML and JSON can be read.`)
}

function charsetOf(parameters: readonly string[]): string | undefined {
  return parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '')
}

function namesUtf16(parameters: readonly string[]): boolean {
  return charsetOf(parameters)?.startsWith('utf-16') ?? false
}

function charsetInPage(body: Uint8Array): string | undefined {
  const start = Buffer.from(body.subarray(0, 1024)).toString('latin1')
  return /<meta[^>]+charset\s*=\s*["']?([\w-]+)/iu.exec(start)?.[1]
}

function decode(body: Uint8Array, charset: string | undefined): string {
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(body)
  } catch {
    // No browser knows this name either, and most pages are UTF-8.
    return new TextDecoder().decode(body)
  }
}
