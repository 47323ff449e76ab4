import { expect, test } from 'vitest'
import type { Detection } from './detectors.ts'
import { findNumbers, findRecordNumbers } from './find-numbers.ts'

/** What is found, as `detector text`. */
const find = (text: string): string[] => {
  const found: Detection[] = []
  findNumbers(text, found)
  findRecordNumbers(text, found)
  return found.map(({ detector, start, end }) => `${detector} ${text.slice(start, end)}`)
}
const cardsIn = (text: string) => find(text).filter((found) => found.startsWith('credit_card'))

/** The number of this length with this beginning whose check digit is right. */
function cardNumber(prefix: string, length: number): string {
  const digits = prefix.padEnd(length - 1, '0')
  let sum = 0
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1)
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return `${digits}${(10 - (sum % 10)) % 10}`
}

const to19 = (from: number) => Array.from({ length: 20 - from }, (_, index) => from + index)

test.each<[number[], string[]]>([
  [[13, 16, 19], ['4']],
  [[16], ['51', '52', '53', '54', '55', '2221', '2229', '223', '229', '23', '26', '270', '271', '2720']],
  [[15], ['34', '37']],
  [to19(16), ['6011', '644', '649', '65', '3528', '3529', '353', '358', '62', '81']],
  [to19(14), ['300', '305', '36', '38', '39']],
  [to19(13), ['50', '56', '57', '58', '63', '67']],
  [[], ['1', '7', '59', '2220', '2721', '28', '33', '31', '306', '3527', '359', '643', '6010', '61', '69', '82']],
])('cards of %j digits begin with %j', (lengths, prefixes) => {
  for (const prefix of prefixes) {
    const found = Array.from({ length: 12 }, (_, index) => index + 10).filter((length) => {
      const number = cardNumber(prefix, length)
      const cards = cardsIn(`pay ${number}.`)
      expect([[], [`credit_card ${number}`]]).toContainEqual(cards)
      return cards.length > 0
    })
    expect(found, prefix).toEqual(lengths)
  }
})

test('of the ten numbers that differ in the check digit one is a card', () => {
  const numbers = Array.from({ length: 10 }, (_, digit) => `491609173482650${digit}`)
  expect(numbers.filter((number) => cardsIn(number).length > 0)).toEqual([cardNumber('491609173482650', 16)])
})

test.each([
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  '4111.1111.1111.1111',
  '4111\t1111\t1111\t1111',
  '4111 - 1111 - 1111 - 1111',
  '41111111 11111111',
  '411 111 111 111 111 1',
  '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
  '4000 0000 0000 0000 006',
])('the card %s is found as a whole', (card) => {
  expect(cardsIn(card)).toEqual([`credit_card ${card}`])
  expect(cardsIn(`a ${card}, b`)).toEqual([`credit_card ${card}`])
})

test.each([
  '4111    1111 1111 1111',
  '4111 1111 (1111) 1111',
  '7 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
  '123 41 11 1111 1111 1111',
  '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 7',
  '4111 1111 1111 1112',
  'x41111111 11111111',
  '41111111 11111111x',
  'x411 111 111 111 111 1',
  '0.4111111111111111',
  '0123456789abcdef4111111111111111',
  '41111111111111110123456789abcdef',
  '01234567a4111111111111111a234567',
  '41111111-1111-1111-8000-000000000000',
  '00000000-4111-1111-1111-111100000000',
])('no card is in %s', (text) => {
  expect(cardsIn(text)).toEqual([])
})

test.each([
  ['x4111 1111 1111 1111', '4111 1111 1111 1111'],
  ['3782 822463 10005x', '3782 822463 10005'],
  ['x3000 000000 0004', '3000 000000 0004'],
  ['x4000 0000 0000 0000 006x', '4000 0000 0000 0000 006'],
  ['x4111111111111111', '4111111111111111'],
  ['123456789abcdef4111111111111111', '4111111111111111'],
  ['g0123456789abcde4111111111111111', '4111111111111111'],
  ['4111111111111111 0123456789abcdef', '4111111111111111'],
  ['.4111111111111111', '4111111111111111'],
  ['12 (4111 1111 1111 1111)', '4111 1111 1111 1111'],
  ['no. 12 411 111 111 111 111 1', '411 111 111 111 111 1'],
  ['x4111 1111 1111 1111 123456789', '4111 1111 1111 1111'],
  ['1.5 x 4111111111111111', '4111111111111111'],
  ['abcdefabcdefabcdef - 4111111111111111', '4111111111111111'],
  ['f47ac10b-58cc-4372-a567-0e02b2c3d47a 4111 1111 1111 1111', '4111 1111 1111 1111'],
  ['4111 1111 1111 1111 f47ac10b-58cc-4372-a567-0e02b2c3d47a', '4111 1111 1111 1111'],
  ['no. 12 4111 1111 1111 1111', '4111 1111 1111 1111'],
  ['4111 1111 1111 1111 123456789', '4111 1111 1111 1111'],
])('in %s the card %s is found', (text, card) => {
  expect(cardsIn(text)).toEqual([`credit_card ${card}`])
})

test('two cards in a row are two', () => {
  const card = '4111 1111 1111 1111'
  expect(cardsIn(`${card} ${card}`)).toEqual([`credit_card ${card}`, `credit_card ${card}`])
})

test('what begins within a card is no second one', () => {
  const first = cardNumber('400040000000000', 16)
  const second = cardNumber(`${first.slice(4)}000`, 16)
  const groups = `${first}${second.slice(12)}`.match(/.{4}/g)?.join(' ')
  expect(cardsIn(`x ${second}`)).toHaveLength(1)
  expect(cardsIn(`${groups}`)).toEqual([`credit_card ${groups?.slice(0, 19)}`])
})

test.each([
  '123-45-6789',
  '123 45 6789',
  '123 - 45 - 6789',
  '123- 45 -6789',
  '001-01-0001',
  '665-99-9999',
  '899-10-0100',
])('%s is a social security number wherever it stands', (ssn) => {
  expect(find(`a ${ssn}, b`)).toEqual([`ssn ${ssn}`])
  expect(find(`7 ${ssn}`)).toEqual([`ssn ${ssn}`])
})

const words = 'about a'
const far = 'x'.repeat(40)

test.each([
  ['SSN 123456789', '123456789'],
  ['[ssn] 123456789', '123456789'],
  ['social security 123456789', '123456789'],
  ['socialsecurity 123456789', '123456789'],
  ['taxpayer 123456789', '123456789'],
  ['tax - payer 123456789', '123456789'],
  ['ITIN 123456789', '123456789'],
  [`ssn ${'x'.repeat(28)} 123456789`.replace(' 1', '1'), '123456789'],
  ['123456789 is the ssn', '123456789'],
  [`123456789${'x'.repeat(21)}ssn`, '123456789'],
  ['ssn 123 456 789', '123 456 789'],
  ['ssn 12-3456789', '12-3456789'],
  ['ssn 123.45.6789', '123.45.6789'],
  ['ssn 1 2 3 4 5 6 7 8 9', '1 2 3 4 5 6 7 8 9'],
  ['123 456 789 ssn', '123 456 789'],
])('in %j, which speaks of it, the social security number is %s', (text, ssn) => {
  expect(find(text)).toEqual([`ssn ${ssn}`])
})

test.each([
  `${words} 123456789`,
  `ssn ${far} 123456789`,
  `ssn${'x'.repeat(30)}123456789`,
  `123456789${'x'.repeat(22)}ssn`,
  `123456789 ${far} ssn`,
  '[redacted:ssn] 123456789',
  'redacted:ssn 123456789',
  '123456789 [redacted:ssn]',
  'social and other security 123456789',
  'exitint 123456789',
  'ssn 12345678 x',
  'ssn 1234567890',
  'ssn 1 2 3 4 5 6 7 8 9 0',
  'ssn 000456789',
  'ssn 666456789',
  'ssn 912345678',
  'ssn 123006789',
  'ssn 123450000',
  '123 456 789',
  '123.45.6789',
  '123--45-6789',
  '123-45--6789',
  '12-345-6789',
  '123-456-789',
  '1234-56-789',
  '1123-45-6789',
  '123-45-67890',
  '123-45-678',
  '000-45-6789',
  '666-45-6789',
  '900-45-6789',
  '123-00-6789',
  '123-45-0000',
])('no social security number is in %j', (text) => {
  expect(find(text)).toEqual([])
})

test.each([
  '+442079460958',
  '+123456789',
  '+123456789012345',
  '+49 30 901820',
  '+49.30.901820',
  '+49-30-901820',
  '+49 (30) 901820',
  '+49 (30)901820',
  '+49-(30)-901820',
  '+49.(30) 901820',
  '+49 - 30 - 901820',
  '212-555-0123',
  '212.555.0123',
  '212 555 0123',
  '(212) 555-0123',
  '(212)555-0123',
  '(212)-555-0123',
  '(212)5550123',
  '(212) 5550123',
  '1-212-555-0123',
  '1 (212) 555-0123',
  '1 (212) 5550123',
  '999-299-0000',
])('%s is a telephone number', (phone) => {
  expect(find(`a ${phone}, b`)).toEqual([`phone ${phone}`])
})

test.each(['phone', '[phone]', 'tel', 'Telefon', 'call', 'mobile', 'cell', 'fax', 'sms', 'whatsapp', 'text'])(
  'ten digits beside the word %s are a telephone number',
  (word) => {
    expect(find(`${word} 2125550123`)).toEqual(['phone 2125550123'])
    expect(find(`${word} 12125550123`)).toEqual(['phone 12125550123'])
    expect(find(`2125550123 ${word}`)).toEqual(['phone 2125550123'])
  },
)

test.each([
  '2125550123',
  'redacted:phone] 2125550123',
  'hotel 2125550123',
  'cells 2125550123',
  'context 2125550123',
  `phone ${far} 2125550123`,
  'phone 1125550123',
  'phone 2121550123',
  'phone 22125550123',
  'phone 121255501234',
  '+0442079460958',
  '+1234567890123456',
  '+4420 7946 0958',
  '+49  30  901820',
  '1+442079460958',
  ')+442079460958',
  '212 5550123',
  '112-555-0123',
  '212-155-0123',
  '212-555-01234',
  '212-555-012 x 3',
  '2125-550-123',
  '212--555-0123',
  '212-555--0123',
  '2-212-55-01234',
  '(212)1550123',
  '(212) 15550123',
  '(212) 55501234',
  '1234567 123 45',
  '123456 123',
])('no telephone number is in %j', (text) => {
  expect(find(text)).toEqual([])
})

test('an international number ends with the last group that fits', () => {
  expect(find('+123 456 789 012 345 678')).toEqual(['phone +123 456 789 012 345'])
  expect(find('+49 30 901820  17')).toEqual(['phone +49 30 901820'])
})

test('telephone numbers in a row are found each', () => {
  expect(find('212-555-0123 212-555-0124')).toEqual(['phone 212-555-0123', 'phone 212-555-0124'])
  expect(find('1  212-555-0123')).toEqual(['phone 212-555-0123'])
})

test.each([
  ['MRN: A1234567', 'A1234567'],
  ['mrns 12345', '12345'],
  ['mrn number: 12345', '12345'],
  ['mrn_num=12345', '12345'],
  ['mrn no 12345', '12345'],
  ['mrn nr. 12345', '12345'],
  ['mrn-id:12345', '12345'],
  ['mrn is 12345', '12345'],
  ['"mrn" : "00-123-45"', '00-123-45'],
  ['patient_mrn=12345', '12345'],
  ['5mrn=12345', '12345'],
  ['Medical Record #AB123', 'AB123'],
  ['medical-records: 123456789012', '123456789012'],
  ['medical_record 1-2-3-4-5', '1-2-3-4-5'],
  ['medicalrecord 12345', '12345'],
  ['mrn ABC123', 'ABC123'],
])('the record number of %j is %s', (text, value) => {
  expect(find(text)).toEqual([`mrn ${value}`])
})

test.each([
  'mrn: 1234',
  'mrn: 1234567890123',
  'mrn: ABCDE12',
  'xmrn 12345',
  'medical the record 12345',
  'mrn numbered 12345',
  'mrn: 1--2345',
  'mrn         12345',
  'the record 12345',
])('no record number is in %j', (text) => {
  expect(find(text)).toEqual([])
})
