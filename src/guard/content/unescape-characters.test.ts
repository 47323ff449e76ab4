import { expect, test } from 'vitest'
import type { Edit } from './layer.ts'
import { readJsonEscapes, unescapeCharacters } from './unescape-characters.ts'

const apply = (text: string, edits: readonly Edit[]) => {
  let result = ''
  let done = 0
  for (const { start, end, text: plain } of edits) {
    result += text.slice(done, start) + plain
    done = end
  }
  return result + text.slice(done)
}

test.each([
  [String.raw`\u0031\u0032`, '12', 'json_escape', 6],
  [String.raw`\u0041`, 'A', 'json_escape', 6],
  [String.raw`\u007a\u007A`, 'zz', 'json_escape', 6],
  [String.raw`\u00e9`, 'é', 'json_escape', 6],
  [String.raw`\U00E9`, 'é', 'json_escape', 6],
  [String.raw`\\\u0031`, '1', 'json_escape', 8],
  [String.raw`\u{31}`, '1', 'json_escape', 6],
  [String.raw`\u{1F600}`, '😀', 'json_escape', 0],
  [String.raw`\u{110000}`, '', 'json_escape', 0],
  [String.raw`\u{10ffff}`, '\u{10ffff}', 'json_escape', 5],
  [String.raw`\x31`, '1', 'json_escape', 4],
  [String.raw`\\x31`, '1', 'json_escape', 5],
  [String.raw`\xe2\x80\x8b`, '\u200b', 'json_escape', 12],
  [String.raw`\xc3\xa9\xc3\xa9`, 'éé', 'json_escape', 0],
  [String.raw`\\xc3\\xa9`, 'é', 'json_escape', 10],
  [String.raw`\xe9`, 'é', 'json_escape', 4],
  [String.raw`\xff\xfe`, 'ÿþ', 'json_escape', 0],
  [String.raw`\"`, '"', 'json_escape', 2],
  [String.raw`\\"`, '"', 'json_escape', 3],
  [String.raw`\/`, '/', 'json_escape', 2],
  [String.raw`\\`, '\\', 'json_escape', 2],
  [String.raw`\b`, '\b', 'json_escape', 2],
  [String.raw`\f`, '\f', 'json_escape', 2],
  [String.raw`\n`, '\n', 'json_escape', 2],
  [String.raw`\r`, '\r', 'json_escape', 2],
  [String.raw`\\t`, '\t', 'json_escape', 3],
  ['%31', '1', 'url', 3],
  ['%7e', '~', 'url', 3],
  ['%31%32%4a', '12J', 'url', 3],
  ['%25', '%', 'url', 3],
  ['%2531', '1', 'url', 5],
  ['%252531', '1', 'url', 7],
  ['%c3%a9', 'é', 'url', 6],
  ['%C3%A9%c3%a9', 'éé', 'url', 6],
  ['%25c3%25a9', 'é', 'url', 10],
])('%s is read as %j', (text, plain, encoding, stride) => {
  expect(unescapeCharacters(`a${text} b`)).toEqual([{ start: 1, end: 1 + text.length, text: plain, encoding, stride }])
})

test.each(['a b', String.raw`\q`, String.raw`\u12`, String.raw`\x3`, '%', '%3', '%zz', '%2', String.raw`\u{1234567}`])(
  'nothing is escaped in %s',
  (text) => {
    expect(unescapeCharacters(text)).toEqual([])
  },
)

test('what is escaped in one text is read in its order, each in its place', () => {
  const text = String.raw`a%31\u0032 b\n%c3%a9%33`
  expect(apply(text, unescapeCharacters(text))).toBe('a12 b\né3')
})

test.each([
  [String.raw`\u0031\u0032`, '12', 'json_escape'],
  [String.raw`\u00e9`, 'é', 'json_escape'],
  [String.raw`\u0021`, '!', 'json_escape'],
  [String.raw`\u0020`, ' ', null],
  [String.raw`\u000a`, '\n', null],
  [String.raw`\n`, '\n', null],
  [String.raw`\"`, '"', null],
  [String.raw`\/`, '/', null],
])('in a JSON document %s is %j, and its encoding is %s', (text, plain, encoding) => {
  const edits = readJsonEscapes(`"a${text}b"`)
  expect(edits).toEqual([{ start: 2, end: 2 + text.length, text: plain, encoding, stride: text.length / plain.length }])
})

test('in a JSON document one level is read: an escaped backslash is a backslash', () => {
  const text = String.raw`"\\u0031\\\u0031%31\x31"`
  expect(apply(text, readJsonEscapes(text))).toBe(String.raw`"\u0031\1%31\x31"`)
  expect(readJsonEscapes('"%31"')).toEqual([])
})
