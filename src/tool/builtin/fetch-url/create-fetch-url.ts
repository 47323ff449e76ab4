import type { LookupFunction } from 'node:net'
import type { Tool } from '../../tool.ts'
import { inputText } from '../builtin-tool.ts'
import type { FetchLimits } from './fetch-limits.ts'
import { createPageConverter } from './page-converter.ts'

/** The options of the tool. */
export interface FetchUrlOptions {
  /** The version of this server, which is sent as `Mandate/<version>`. */
  readonly version: string
  /** Whether loopback and private addresses may be fetched too (MANDATE_ALLOW_PRIVATE_NETWORK=1). */
  readonly allowPrivateNetwork: boolean
  readonly lookup?: LookupFunction
  readonly limits: FetchLimits
}

/**
 * Creates the tool that GETs a page of the public internet: text and JSON as they are, HTML as Markdown. It is safe to
 * repeat, as GET is. It costs nothing here; a dialect with a tariff sets its own price.
 */
export function createFetchUrl(options: FetchUrlOptions): Tool {
  const { allowPrivateNetwork, lookup, limits } = options
  const fetchOptions = { userAgent: `Mandate/${options.version}`, allowPrivateNetwork, lookup, limits }
  const convertPage = createPageConverter(limits)
  return {
    name: 'fetch_url',
    description:
      'Fetches a web page or document by its http or https URL. HTML comes back as Markdown, text and JSON as is.',
    inputSchema: {
      type: 'object',
      properties: { url: { type: 'string', minLength: 1, maxLength: 8000, description: 'The absolute URL to fetch' } },
      required: ['url'],
      additionalProperties: false,
    },
    capabilities: ['network:http:read'],
    capabilitiesFor: () => ['network:http:read'],
    safeToRepeat: true,
    access: 'fetch',
    // The model's text in a URL reaches the server that it names.
    sinks: ['network'],
    approvalCategories: [],
    facetsOf: (input) => ({ host: URL.parse(inputText(input, 'url'))?.hostname ?? null, path: null }),
    costMicrosUsd: 0,
    // This exceeds the other limits, so that the one that was reached is reported.
    timeoutMs: limits.fetchMs + limits.conversionWaitMs + limits.conversionMs + 30_000,
    outputBytesMax: 100_000,
    labels: [],
    async perform(input, context) {
      context.signal.throwIfAborted()
      // The module is loaded at the first fetch and not at the start of the server.
      const { fetchPage } = await import('./fetch-page.ts')
      const { pageText } = await import('./page-text.ts')
      const page = await fetchPage(inputText(input, 'url'), fetchOptions, context)
      const { isHtml, text } = pageText(page)
      if (!isHtml) return { output: text, wrote: false }
      context.progress(`Fetched ${page.body.byteLength} bytes of HTML; converting to Markdown.`)
      const output = await convertPage({ html: text, url: page.url.href }, context)
      return { output: output === '' ? 'The page holds no text.' : output, wrote: false }
    },
  }
}
