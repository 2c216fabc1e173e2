import { expect, test } from 'vitest';
import { meaningOf } from '../../../src/model/obis-meaning.ts';
import { formatObis, obisOfBytes, parseObis, type Obis } from '../../../src/model/obis.ts';
import type { Quantity } from '../../../src/model/quantity.ts';
import { quantities } from '../../../src/model/vocabulary.ts';

function code(text: string): Obis {
  const obis = parseObis(text);
  if (obis === undefined) throw new TypeError(`${text} is no OBIS code`);
  return obis;
}

test.each([
  ['1-0:1.8.0*255', '1-0:1.8.0'],
  ['1-0:1.8.0', '1-0:1.8.0'],
  ['1.8.0', '1-0:1.8.0'],
  ['1.8.1*02', '1-0:1.8.1*2'],
  ['1.6.1&07', '1-0:1.6.1*7'],
  ['C.1.0', '0-0:96.1.0'],
  ['0-0:C.51.2*01', '0-0:96.51.2*1'],
  ['F.F', '0-0:97.97.0'],
  ['P.01', '0-0:99.1.0'],
  ['0.9.1', '1-0:0.9.1'],
  ['129-129:199.130.5*255', '129-129:199.130.5'],
  ['0-1:24.2.1', '0-1:24.2.1'],
])('%s is %s', (written, canonical) => {
  expect(formatObis(code(written))).toBe(canonical);
  expect(parseObis(canonical)).toEqual(code(written));
});

test.each(['', '1', '1.8.0.0', '1-0', '256.8.0', '1-0:1.8.256', '1.8.0*', 'X.1.0', '1-0:1.8.0*1000', ' 1.8.0'])(
  '%j is no code',
  (text) => expect(parseObis(text)).toBeUndefined(),
);

test('a heat meter leaves out its medium too', () => expect(parseObis('1.0.0', 6)).toMatchObject({ a: 6, c: 1 }));

test('six bytes are a code', () => {
  expect(obisOfBytes(Uint8Array.of(1, 0, 16, 7, 0, 255))).toEqual(code('1-0:16.7.0'));
  expect(obisOfBytes(Uint8Array.of(1, 0, 16))).toBeUndefined();
});

const vocabulary: readonly (readonly [string, Quantity])[] = Object.entries(quantities);

test.each(
  vocabulary.flatMap(([quantity, { obis, unit, kind }]) =>
    obis === undefined ? [] : [{ quantity, obis, unit, kind }],
  ),
)('$obis means $quantity by the rules as in the vocabulary', ({ quantity, obis, unit, kind }) =>
  expect(meaningOf(code(obis))).toEqual({
    name: quantity,
    quantity,
    unit,
    kind,
  }),
);

test.each([
  ['1-0:1.8.12', 'active-energy-import-t12', 'kW.h', 'counter'],
  ['1-0:7.8.2', 'reactive-energy-q3-t2', 'kvar.h', 'counter'],
  ['1-0:21.7.255', 'active-power-import-l1', 'W', 'gauge'],
  ['1-0:1.8.0*3', 'active-energy-import-stored-3', 'kW.h', 'counter'],
  ['1-2:2.8.0', 'active-energy-export-channel-2', 'kW.h', 'counter'],
  ['1-0:1.29.0', 'active-energy-import-interval', 'kW.h', 'gauge'],
  ['1-0:3.6.1', 'reactive-power-demand-import-max-t1', 'var', 'gauge'],
  ['1-0:31.6.0', 'current-demand-max-l1', 'A', 'gauge'],
  ['1-0:81.7.15', 'phase-angle-l2', 'deg', 'gauge'],
  ['1-0:54.7.0', 'frequency-l2', 'Hz', 'gauge'],
  ['0-0:96.1.1', 'device-id-1', undefined, 'text'],
  ['0-0:96.5.5', 'meter-status-5', undefined, 'state'],
  ['0-2:24.4.0', 'valve-state-channel-2', undefined, 'state'],
  ['7-0:3.1.0', 'gas-volume-temperature-converted', 'm3', 'counter'],
  ['5-1:10.0.0', 'flow-temperature-channel-1', 'Cel', 'gauge'],
])('%s is called %s', (obis, name, unit, kind) => expect(meaningOf(code(obis))).toMatchObject({ name, unit, kind }));

test.each(['1-0:82.8.0', '1-0:1.99.0', '1-0:32.7.3', '2-0:1.0.0', '6-0:1.2.0', '8-0:9.0.0', '0-0:50.0.0'])(
  '%s is not guessed at',
  (obis) => expect(meaningOf(code(obis))).toBeUndefined(),
);
