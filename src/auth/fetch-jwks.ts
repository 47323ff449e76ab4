import type { FetchImplementation } from 'jose'

/** The largest key set that is read, in bytes: room for some thousand keys. docs/operating.md names it. */
export const jwksBytesMax = 1024 * 1024

/**
 * Fetches the operator's key set for `jose`, which allows five seconds. Throws for a redirect, naming both hosts, since
 * the host it leads to could sign tokens. Throws for a body above `jwksBytesMax`, which could fill the memory in that
 * time.
 */
export const fetchJwks: FetchImplementation = async (url, options) => {
  const response = await fetch(url, { ...options, redirect: 'manual' })
  const { status, headers, body } = response
  if (status >= 300 && status < 400) {
    const target = URL.parse(headers.get('location') ?? '', url)
    throw new Error(`${new URL(url).host} redirects to ${target?.host ?? 'nowhere'} (${status}); it is not followed.`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > jwksBytesMax)
      throw new Error(`The key set at ${new URL(url).host} is larger than ${jwksBytesMax} bytes.`)
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks), { status, headers: { 'content-type': 'application/json' } })
}
