import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { ToolError } from '../../tool.ts'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/** The requested content codings. Others are understood too where a server sends them unasked. */
export const acceptEncoding = 'gzip, br'

/** The number of codings. More are only sent to cost time. */
const layersMax = 3

/**
 * Decodes the content codings of a body. One that ends too early is an error of the stream: a part of a page must not
 * pass for the page, which is why this is not left to `fetch`. Throws ToolError `type_refused` for an unknown coding.
 */
export function inflateBody(url: URL, body: Readable, contentEncoding: string): Readable {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  const known = codings.map((coding) => (Object.hasOwn(decoders, coding) ? decoders[coding] : undefined))
  if (codings.length > layersMax || known.includes(undefined)) {
    throw new ToolError(
      'type_refused',
      `${url.href} is encoded as ${contentEncoding.slice(0, 100)}, which cannot be read.`,
    )
  }
  return known.reduceRight<Readable>((packed, decoder) => {
    if (decoder === undefined) return packed
    // The error also ends the stream that is read.
    return pipeline(packed, decoder(), () => undefined)
  }, body)
}
