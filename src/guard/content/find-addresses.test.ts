import { expect, test } from 'vitest'
import type { Detection } from './detectors.ts'
import { findEmails, findIpAddresses } from './find-addresses.ts'

const find = (text: string): string[] => {
  const found: Detection[] = []
  findEmails(text, found)
  findIpAddresses(text, found)
  return found.map(({ detector, start, end }) => `${detector} ${text.slice(start, end)}`)
}

const local = 'l'.repeat(64)
const longest = `${'d'.repeat(250)}.com`

test.each([
  ['a@b.co', ['a@b.co']],
  ["'a@b.example'", ['a@b.example']],
  ['=1@b.example', ['1@b.example']],
  ['+_@b.example', ['_@b.example']],
  ["a.b!#$%&'*+/=?^_`{|}~-c@d.example", ["a.b!#$%&'*+/=?^_`{|}~-c@d.example"]],
  ['ü9@ä9-x.Ö.example', ['ü9@ä9-x.Ö.example']],
  ['a@b.co and c@d.co,e@f.co', ['a@b.co', 'c@d.co', 'e@f.co']],
  ['a@b.example-', ['a@b.example']],
  ['a@b.c.example.', ['a@b.c.example']],
  [`x${local}@b.example`, [`${local}@b.example`]],
  [`x ${local}@b.example`, [`${local}@b.example`]],
  [`a@${longest}`, [`a@${longest}`]],
  [`a@d${longest}`, [`a@d${longest.slice(0, -1)}`]],
  ['@b.example', []],
  ["'@b.example", []],
  ['joe.@b.example', []],
  ['joe@.example', []],
  ['joe@-b.example', []],
  ['joe@b-.example', []],
  ['joe@b..example', []],
  ['joe@b.e', []],
  ['joe@b.1x', []],
  ['joe @ b.example', []],
])('the mail addresses of %j are %j', (text, addresses) => {
  expect(find(text)).toEqual(addresses.map((address) => `email ${address}`))
})

test.each([
  ['0.1.2.3', []],
  ['1.2.3.4 and 255.255.255.255', ['1.2.3.4', '255.255.255.255']],
  ['199.249.250.9', ['199.249.250.9']],
  ['v1.2.3.4', []],
  ['rev1.2.3.4', ['1.2.3.4']],
  ['1.2.3.4.5', []],
  ['1.2.3.4.', ['1.2.3.4']],
  ['1.2.3.45x', ['1.2.3.45']],
  ['1.2.3.256', []],
  ['01.2.3.4', []],
  ['127.0.0.1', []],
  ['120.0.0.0', []],
  ['10.0.0.1', ['10.0.0.1']],
  ['100.0.0.0.1', []],
])('the addresses of four parts of %j are %j', (text, addresses) => {
  expect(find(text)).toEqual(addresses.map((address) => `ip ${address}`))
})

const full = '2001:0db8:85a3:0000:0000:8a2e:0370:7334'
const mapped = '0000:0000:0000:0000:0000:ffff:192.168.100.228'

test.each([
  ['2001:db8::1', ['2001:db8::1']],
  ['(1::2)', ['1::2']],
  ['::2', ['::2']],
  ['at 2001:db8::.', ['2001:db8::']],
  ['2001:db8::1: up', ['2001:db8::1']],
  ['2001:db8::1.:. up', ['2001:db8::1']],
  ['2001:DB8::A,2001:db8::b', ['2001:DB8::A', '2001:db8::b']],
  [`${full}..........`, [full]],
  ['::1 ::0 0::0 ::', []],
  ['x2001:db8::1', []],
  ['.2001:db8::1', []],
  ['20010:db8::1', []],
  ['2001:db8::1x', []],
  ['2001:db8::g', []],
  ['dead::beef', []],
  ['12:30', []],
  ['12:30:45', []],
  ['a: b: 1', []],
  ['1:2:3:4:5:6:7:8:9', []],
])('the addresses with colons of %j are %j', (text, addresses) => {
  expect(find(text)).toEqual(addresses.map((address) => `ip ${address}`))
})

test('the longest address is found to its end, and is none with one more', () => {
  expect(find(mapped)).toContain(`ip ${mapped}`)
  expect(find(`${mapped}9`).filter((found) => found.includes('ffff'))).toEqual([])
})
