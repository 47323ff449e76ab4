import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutText, printableText } from './printable-text.ts'

it('what the fonts have a sign for stays as it is', () => {
  const text = 'Grüße: 5 € – “naïve” … ¼ × ÿ'
  expect(printableText(text)).toBe(text)
})

it.each([
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

it('whatever the text, each character can be encoded by the fonts', () => {
  const encodable = /^[ -~¡-¬®-ÿ€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*$/u
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => encodable.test(printableText(text))))
})

it('a text that is cut says so, and one that fits is whole', () => {
  expect(cutText('abc', 3)).toBe('abc')
  expect(cutText('abcde', 3)).toBe('abc … (2 more characters are in the package)')
  expect(cutText('😀😀', 1)).toBe('😀 … (1 more characters are in the package)')
})
