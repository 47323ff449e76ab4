import { expect, test } from 'vitest'
import { type Edit, firstLayer, gap, type Layer, LayerWriter, originOf } from './layer.ts'

/** The next layer of a text, in which these parts are replaced and the others stay. */
function rewrite(layer: Layer, ...edits: readonly Edit[]): Layer {
  const writer = new LayerWriter(layer)
  let done = 0
  for (const edit of edits) {
    writer.keep(done, edit.start)
    writer.put(edit)
    done = edit.end
  }
  writer.keep(done, layer.text.length)
  return writer.finish()
}

const edit = (start: number, end: number, text: string, encoding: string | null, stride = 0): Edit => ({
  start,
  end,
  text,
  encoding,
  stride,
})
const originIn = (layer: Layer, start: number, end: number) => {
  const origin = originOf(layer, start, end)
  // Where the search begins changes nothing but its length.
  for (let near = 0; near < layer.pieces.length; near += 1) expect(originOf(layer, start, end, near)).toEqual(origin)
  return [origin.start, origin.end, ...origin.encodings]
}

test('each part of the first layer is its own origin', () => {
  const layer = firstLayer('abcdef')
  expect(originIn(layer, 0, 6)).toEqual([0, 6])
  expect(originIn(layer, 2, 3)).toEqual([2, 3])
})

test('what stays and what is replaced lead back to their places', () => {
  const layer = rewrite(firstLayer('ab%31%32ef'), edit(2, 8, '12', 'url', 3))
  expect(layer.text).toBe('ab12ef')
  expect(originIn(layer, 0, 2)).toEqual([0, 2])
  expect(originIn(layer, 2, 3)).toEqual([2, 5, 'url'])
  expect(originIn(layer, 3, 4)).toEqual([5, 8, 'url'])
  expect(originIn(layer, 1, 5)).toEqual([1, 9, 'url'])
  expect(originIn(layer, 4, 6)).toEqual([8, 10])
  expect(originIn(layer, 2, 2)).toEqual([2, 2, 'url'])
})

test('a part whose units cannot be told apart leads back as a whole', () => {
  const layer = rewrite(firstLayer('abcdefgh'), edit(2, 6, 'xyz', 'base64'))
  expect(originIn(layer, 3, 4)).toEqual([2, 6, 'base64'])
  expect(originIn(layer, 0, 3)).toEqual([0, 6, 'base64'])
})

test('a removed part is within what stands around it, and not at its sides', () => {
  const layer = rewrite(firstLayer('ab--cd'), edit(2, 4, '', 'zero_width'))
  expect(layer.text).toBe('abcd')
  expect(originIn(layer, 1, 3)).toEqual([1, 5, 'zero_width'])
  expect(originIn(layer, 0, 2)).toEqual([0, 2])
  const next = rewrite(layer, edit(0, 1, 'A', 'homoglyph', 1))
  expect(originIn(next, 1, 3)).toEqual([1, 5, 'zero_width'])
})

test('layers lead back through each other, with their encodings from the outermost on', () => {
  const first = rewrite(firstLayer('0123456789'), edit(2, 8, 'abc', 'hex', 2))
  const second = rewrite(first, edit(3, 5, 'X', 'url', 2))
  expect(second.text).toBe('01aX89')
  expect(originIn(second, 3, 4)).toEqual([4, 8, 'hex', 'url'])
  expect(originIn(second, 2, 3)).toEqual([2, 4, 'hex'])
  expect(originIn(second, 4, 6)).toEqual([8, 10])
})

test('an encoding counts once for characters that are each written so, and again for a token within a token', () => {
  const url = rewrite(firstLayer('abcd'), edit(0, 4, 'xy', 'url', 2))
  expect(originIn(rewrite(url, edit(0, 2, 'z', 'url', 2)), 0, 1)).toEqual([0, 4, 'url'])
  const writer = new LayerWriter(rewrite(firstLayer('abcd'), edit(0, 4, 'xy', 'base64')))
  writer.putDecoded(edit(0, 2, 'z', 'base64'))
  expect(originIn(writer.finish(), 0, 1)).toEqual([0, 4, 'base64', 'base64'])
})

test('a form that is required is no encoding', () => {
  const layer = rewrite(firstLayer('a\\nb'), edit(1, 3, '\n', null, 2))
  expect(originIn(layer, 1, 2)).toEqual([1, 3])
  const writer = new LayerWriter(layer)
  writer.putDecoded(edit(1, 2, 'x', null))
  expect(originIn(writer.finish(), 0, 1)).toEqual([1, 3])
})

test('what was decoded from text without exact positions has none either', () => {
  const first = rewrite(firstLayer('abcdefgh'), edit(0, 8, 'wxyz', 'base64'))
  const second = rewrite(first, edit(0, 4, 'pq', 'url', 2))
  expect(originIn(second, 0, 1)).toEqual([0, 8, 'base64', 'url'])
})

test('a part from several encodings has the longest chain, and then the others', () => {
  const first = rewrite(firstLayer('aabbccdd'), edit(0, 2, 'x', 'hex', 2), edit(2, 4, 'y', 'base64', 2))
  const second = rewrite(first, edit(1, 2, 'z', 'url', 1))
  expect(second.text).toBe('xzccdd')
  expect(originIn(second, 0, 2)).toEqual([0, 4, 'base64', 'url', 'hex'])
  expect(originIn(second, 0, 6)).toEqual([0, 8, 'base64', 'url', 'hex'])
})

test('of encodings of one length those of the first part come first, and each is named once', () => {
  const hexAndBase64 = rewrite(firstLayer('aabbccdd'), edit(0, 2, 'x', 'hex', 2), edit(2, 4, 'y', 'base64', 2))
  expect(originIn(hexAndBase64, 0, 2)).toEqual([0, 4, 'hex', 'base64'])
  expect(originIn(rewrite(hexAndBase64, edit(0, 1, 'z', 'url', 1)), 0, 2)).toEqual([0, 4, 'hex', 'url', 'base64'])
  const base64 = rewrite(firstLayer('aabbccdd'), edit(0, 4, 'xy', 'base64', 2))
  expect(originIn(rewrite(base64, edit(0, 1, 'z', 'url', 1)), 0, 2)).toEqual([0, 4, 'base64', 'url'])
})

test('parts that come by different encodings are two, and so are decoded tokens side by side', () => {
  const folded = rewrite(firstLayer('abcd'), edit(0, 2, 'AB', 'homoglyph', 1))
  const layer = rewrite(folded, edit(0, 1, 'x', 'url', 1), edit(1, 2, 'y', 'json_escape', 1))
  expect(originIn(layer, 0, 1)).toEqual([0, 1, 'homoglyph', 'url'])
  expect(originIn(layer, 1, 2)).toEqual([1, 2, 'homoglyph', 'json_escape'])
  const writer = new LayerWriter(firstLayer('aabb'))
  writer.putDecoded(edit(0, 2, 'x', 'hex'))
  writer.putDecoded(edit(2, 4, 'y', 'hex'))
  expect(originIn(writer.finish(), 0, 1)).toEqual([0, 2, 'hex'])
  expect(originIn(writer.finish(), 1, 2)).toEqual([2, 4, 'hex'])
})

test('past the end of a layer there is nothing to keep', () => {
  const layer = rewrite(firstLayer('ab-'), edit(2, 3, '', 'zero_width'))
  for (const [before, end] of [[layer, 2] as const, [firstLayer('abc'), 3] as const]) {
    const writer = new LayerWriter(before)
    writer.keep(end, end + 40)
    writer.keep(end, end)
    expect(writer.finish()).toEqual({ text: '', pieces: [] })
  }
})

test('parts that go on from each other are one piece, others are not', () => {
  const writer = new LayerWriter(firstLayer('abcdefgh'))
  writer.keep(0, 2)
  writer.keep(2, 4)
  writer.keep(4, 4)
  expect(writer.length).toBe(4)
  writer.keep(5, 6)
  writer.put(edit(6, 7, 'G', 'homoglyph', 1))
  writer.put(edit(7, 8, 'H', 'homoglyph', 1))
  const layer = writer.finish()
  expect(layer.text).toBe('abcdfGH')
  expect(layer.pieces.map(({ at, from, to }) => [at, from, to])).toEqual([
    [0, 0, 4],
    [4, 5, 6],
    [5, 6, 8],
  ])
})

test('a gap separates two parts and comes from no place', () => {
  const writer = new LayerWriter(firstLayer('abcdef'))
  writer.keep(0, 2)
  writer.putGap()
  writer.keep(4, 6)
  const layer = writer.finish()
  expect(layer.text).toBe(`ab${gap}ef`)
  expect(layer.pieces.map(({ at, from, to }) => [at, from, to])).toEqual([
    [0, 0, 2],
    [2, 2, 2],
    [5, 4, 6],
  ])
  expect(originIn(layer, 5, 7)).toEqual([4, 6])
  expect(originIn(layer, 1, 6)).toEqual([1, 5])
})

test('in a layer of many pieces each is found', () => {
  const text = `${'a-'.repeat(200)}end`
  const edits = Array.from({ length: 200 }, (_, n) => edit(2 * n + 1, 2 * n + 2, '', 'zero_width'))
  const layer = rewrite(firstLayer(text), ...edits)
  expect(layer.text).toBe(`${'a'.repeat(200)}end`)
  expect(originOf(layer, 202, 203)).toEqual({ start: 402, end: 403, encodings: [] })
  for (const at of [0, 1, 57, 120, 198]) {
    expect(originOf(layer, at, at + 1)).toEqual({ start: 2 * at, end: 2 * at + 1, encodings: [] })
    for (const near of [0, 3, 100, 300])
      expect(originOf(layer, at, at + 1, near)).toEqual({ start: 2 * at, end: 2 * at + 1, encodings: [] })
  }
})
