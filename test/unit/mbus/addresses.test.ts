import { describe, expect, test } from 'vitest';
import { deviceSchema, pointSchema } from '../../../drivers/mbus/schema.ts';
import {
  encodeSecondary,
  isComplete,
  isMeant,
  manufacturerCode,
  manufacturerLetters,
  parseSecondary,
  printSecondary,
  readIdentification,
  type SecondaryAddress,
} from '../../../drivers/mbus/secondary-address.ts';
import { identified } from '../../support/played-mbus.ts';

function secondary(text: string): SecondaryAddress {
  const address = parseSecondary(text);
  if (typeof address === 'string') throw new Error(address);
  return address;
}

describe('a secondary address', () => {
  test.each([
    ['12345678 KAM 1B 16', '12345678 KAM 1B 16'],
    ['12345678,kam,1b,16', '12345678 KAM 1B 16'],
    ['12345678', '12345678 * * *'],
    ['1234FFFF KAM', '1234FFFF KAM * *'],
    ['12345678 * 1b', '12345678 * 1B *'],
    ['12345678 FFFF FF FF', '12345678 * * *'],
    // As libmbus and its kin write it: the maker's two bytes as they are sent.
    ['123456782D2C1B16', '12345678 KAM 1B 16'],
    ['FFFFFFFFFFFFFFFF', 'FFFFFFFF * * *'],
  ])('%s means %s', (text, printed) => {
    expect(printSecondary(secondary(text))).toBe(printed);
  });

  test.each(['1234567', '123456789', '12345678 KA 1B 16', '12345678 KAM 1 16', 'meter', '12345678 KAM 1B 16 00'])(
    '%s is none',
    (text) => {
      expect(parseSecondary(text)).toContain('is no secondary address');
    },
  );

  test('travels as eight bytes', () => {
    const who = identified('12345678', { version: 0x1b, medium: 0x16 });
    const bytes = encodeSecondary(who);
    expect(bytes.toString('hex')).toBe('785634122d2c1b16');
    expect(readIdentification(bytes)).toEqual(who);
    expect(encodeSecondary(secondary('1FFFFFFF')).toString('hex')).toBe('ffffff1fffffffff');
  });

  test('means those whose known parts are the same', () => {
    const who = identified('12345678', { version: 0x1b, medium: 0x16 });
    for (const text of ['12345678 KAM 1B 16', '12345678', 'F2F4F6F8', 'FFFFFFFF KAM', 'FFFFFFFF * * 16'])
      expect(isMeant(who, secondary(text)), text).toBe(true);
    for (const text of ['12345677', '12345678 ELS', '12345678 KAM 1A', 'FFFFFFFF * * 07'])
      expect(isMeant(who, secondary(text)), text).toBe(false);
    expect(isComplete(secondary('12345678 KAM 1B 16'))).toBe(true);
    expect(isComplete(secondary('1234567F KAM 1B 16'))).toBe(false);
  });

  test('of makers with three letters, and of those without', () => {
    expect(manufacturerCode('KAM')).toBe(0x2c2d);
    expect(manufacturerLetters(0x2c2d)).toBe('KAM');
    expect(manufacturerLetters(0)).toBe('0000');
    expect(manufacturerCode('KA')).toBeUndefined();
  });
});

describe('the configuration', () => {
  test('takes a primary address as a number and a secondary one as text', () => {
    expect(deviceSchema.parse({})).toEqual({ address: 0 });
    expect(deviceSchema.parse({ address: 250 }).address).toBe(250);
    expect(deviceSchema.parse({ address: '12345678' }).address).toEqual(secondary('12345678'));
    expect(deviceSchema.safeParse({ address: 251 }).success).toBe(false);
    expect(deviceSchema.safeParse({ address: '251' }).success).toBe(false);
    expect(deviceSchema.safeParse({ zone: 'Europe/Nowhere' }).success).toBe(false);
    expect(deviceSchema.safeParse({ key: '0102030405060708090a0b0c0d0e0f11' }).success).toBe(false);
  });

  test.each([
    ['energie', 'begins with energie, which is no quantity: write energy'],
    ['flow', 'begins with flow, which is no quantity: write volume-flow, mass-flow, flow-temperature'],
    ['storage 1', 'names no quantity: write energy, volume'],
    ['vif-zz', 'begins with vif-zz, which is no quantity'],
  ])('says what is wrong with the record %s', (record, message) => {
    const { error } = pointSchema.safeParse({ record });
    expect(error?.issues[0]?.message).toContain(message);
  });

  test.each([
    'volume storage 1 tariff 2',
    'vif-fd-66',
    'manufacturer 13',
    'plain-text %RH',
    'status',
    'volume vife-11',
  ])('takes the record %s', (record) => {
    expect(pointSchema.parse({ record }).record.text).toBe(record);
  });
});
