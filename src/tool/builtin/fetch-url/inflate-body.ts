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

/** What is asked for. Others are understood too where a server sends them unasked. */
export const acceptEncoding = 'gzip, br'

/** More layers are made only to cost time. */
const layersMax = 3

/**
 * A body without its content codings. One that ends before its coding does is an error of the stream: part of a page must not pass
 * for the page, which is why this is not left to `fetch`. Throws ToolError `type_refused` for a coding that is not known.
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
