import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printableText, truncateText } from './printable-text.ts'

test('what the fonts have a sign for stays as it is', () => {
  const text = 'Grüße: 5 € – “naïve” … ¼ × ÿ'
  expect(printableText(text)).toBe(text)
})

test.each([
  ['病歴 of Jane', '‹75C5 6B74› of Jane'],
  ['a\u202Egnp.exe', 'a‹202E›gnp.exe'],
  ['zero\u200Bwidth', 'zero‹200B›width'],
  ['😀!', '‹1F600›!'],
  ['bell\u0007', 'bell‹0007›'],
  ['soft\u00ADhyphen', 'soft‹00AD›hyphen'],
  ['half \uD800 pair', 'half ‹D800› pair'],
  ['two\r\nlines\tand a tab', 'two lines and a tab'],
])('%j is shown as %j', (text, shown) => {
  expect(printableText(text)).toBe(shown)
})

test('whatever the text, each character can be encoded by the fonts', () => {
  const encodable = /^[ -~¡-¬®-ÿ€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*$/u
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => encodable.test(printableText(text))))
})

test('a text that is cut says so, and one that fits is whole', () => {
  expect(truncateText('abc', 3)).toBe('abc')
  expect(truncateText('abcde', 3)).toBe('abc … (2 more characters are in the package)')
  expect(truncateText('😀😀', 1)).toBe('😀 … (1 more characters are in the package)')
})
