import { expect, test } from 'vitest';
import { faultsOf } from '../../support/configuration-files.ts';

const C = 'gateway: { id: g }\nconnections: { c: { driver: toy, transport: tcp, host: h } }\n';
const point = (keys: string): string => `${C}devices: { d: { connection: c, points: { p: { ${keys} } } } }`;

/** What is written, and the one line that is said about it. */
const rows: readonly (readonly [what: string, yaml: string, line: string])[] = [
  [
    'an unknown key of a point',
    point('read: input 1, deadbnd: 1'),
    'weir.yaml:3:62 devices.d.points.p.deadbnd: is no known key; did you mean deadband?',
  ],
  [
    'an unknown key of a write rule',
    point('read: holding 1, write: { mix: 1 }'),
    'weir.yaml:3:73 devices.d.points.p.write.mix: is no known key; did you mean min?',
  ],
  [
    'a number beyond all',
    point('read: input 1, min: 1e999'),
    'weir.yaml:3:67 devices.d.points.p.min: Infinity is not a finite number',
  ],
  [
    'what is not a number',
    point('read: input 1, max: .nan'),
    'weir.yaml:3:67 devices.d.points.p.max: NaN is not a finite number',
  ],
  [
    'an address above 65535',
    point('read: input 70000'),
    'weir.yaml:3:53 devices.d.points.p.read: 70000 is above 65535 (addresses have 16 bits)',
  ],
  [
    'an address that is none',
    point('read: register 7'),
    'weir.yaml:3:53 devices.d.points.p.read: is no address; write e.g. holding 100',
  ],
  [
    'a type that is none',
    point('read: input 1, type: unit16'),
    'weir.yaml:3:68 devices.d.points.p.type: "unit16" is none of int16, uint16, uint64, float32, bool, string; did you mean uint16?',
  ],
  ['no address', point('type: uint16'), 'weir.yaml:3:42 devices.d.points.p.read: is missing; add it, e.g. holding 100'],
  [
    'a unit as the display shows it',
    point('read: input 1, unit: kWh'),
    'weir.yaml:3:68 devices.d.points.p.unit: kWh is no UCUM unit; write kW.h',
  ],
  [
    'a unit with a degree sign',
    point('read: input 1, unit: "°C"'),
    'weir.yaml:3:68 devices.d.points.p.unit: °C is no UCUM unit; write Cel',
  ],
  [
    'a unit beyond ASCII',
    point('read: input 1, unit: "µS"'),
    'weir.yaml:3:68 devices.d.points.p.unit: "µS" is no UCUM unit; write e.g. kW.h, Cel, m3/h or %',
  ],
  [
    'a quantity in capitals',
    point('read: input 1, quantity: ActivePower'),
    'weir.yaml:3:72 devices.d.points.p.quantity: "ActivePower" is no quantity; write small letters, digits and hyphens, e.g. active-energy-import',
  ],
  [
    'an OBIS code that is none',
    point('read: input 1, obis: 1.8.0'),
    'weir.yaml:3:68 devices.d.points.p.obis: "1.8.0" is no OBIS code; write A-B:C.D.E, e.g. 1-0:1.8.0',
  ],
  [
    'a kind that is none',
    point('read: input 1, kind: guage'),
    'weir.yaml:3:68 devices.d.points.p.kind: "guage" is none of gauge, counter, state, text; did you mean gauge?',
  ],
  [
    'a class that is none',
    point('read: input 1, class: urgent'),
    'weir.yaml:3:69 devices.d.points.p.class: "urgent" is none of alarm, billing, normal, bulk',
  ],
  [
    'a scale of 0',
    point('read: input 1, scale: 0'),
    'weir.yaml:3:69 devices.d.points.p.scale: a scale of 0 makes every value 0; remove the line, or write e.g. 0.1',
  ],
  [
    'a scale as text',
    point('read: input 1, scale: "0.1"'),
    'weir.yaml:3:69 devices.d.points.p.scale: "0.1" is not a number; remove the quotes',
  ],
  [
    'a negative deadband',
    point('read: input 1, deadband: -0.1'),
    'weir.yaml:3:72 devices.d.points.p.deadband: -0.1 is below 0',
  ],
  [
    'limits the wrong way round',
    point('read: input 1, min: 5, max: 1'),
    'weir.yaml:3:67 devices.d.points.p.min: min is above max; swap them',
  ],
  [
    'write limits the wrong way round',
    point('read: holding 1, write: { min: 5, max: 1 }'),
    'weir.yaml:3:78 devices.d.points.p.write.min: min is above max; swap them',
  ],
  [
    'a step of 0',
    point('read: holding 1, write: { step: 0 }'),
    'weir.yaml:3:79 devices.d.points.p.write.step: 0 is not above 0',
  ],
  [
    'decimals beyond what a double has',
    point('read: input 1, decimals: 16'),
    'weir.yaml:3:72 devices.d.points.p.decimals: 16 is above 15; allowed are 0 to 15',
  ],
  [
    'one invalid value outside a list',
    point('read: input 1, invalid: 65535'),
    'weir.yaml:3:71 devices.d.points.p.invalid: 65535 is not a list; put it in brackets: [65535]',
  ],
  [
    'an invalid value that is a truth',
    point('read: input 1, invalid: [1, true]'),
    'weir.yaml:3:75 devices.d.points.p.invalid[1]: true is not a number or text',
  ],
  [
    'a state name that is no text',
    point('read: input 1, labels: { 0: off, 1: true }'),
    'weir.yaml:3:83 devices.d.points.p.labels.1: true is not text; put it in quotes: "true"',
  ],
  [
    'writing what can only be read',
    point('read: input 1, write: {}'),
    'weir.yaml:3:62 devices.d.points.p.write: the address can only be read; remove write, or name one that can be written',
  ],
  [
    'scaling a truth',
    point('read: input 1, type: bool, scale: 0.1'),
    'weir.yaml:3:81 devices.d.points.p.scale: has no meaning for a bool; remove it',
  ],
  [
    'a deadband for a text',
    point('read: input 1, type: string, deadband: 1'),
    'weir.yaml:3:86 devices.d.points.p.deadband: has no meaning for a string; remove it',
  ],
  [
    'a point that is a text',
    `${C}devices: { d: { connection: c, points: { p: holding 1 } } }`,
    'weir.yaml:3:45 devices.d.points.p: a text is not a map of keys; write each key or id on a line below, a colon behind it, no hyphen before it',
  ],
  [
    'a point with a slash in its name',
    `${C}devices: { d: { connection: c, points: { a/b: { read: input 1 } } } }`,
    'weir.yaml:3:42 devices.d.points.a/b: "a/b" cannot be an id; use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
  ],
  [
    'points as a list',
    `${C}devices: { d: { connection: c, points: [{ read: input 1 }] } }`,
    'weir.yaml:3:40 devices.d.points: a list is not a map of keys; write each key or id on a line below, a colon behind it, no hyphen before it',
  ],
  [
    'removing a point without a profile',
    `${C}devices: { d: { connection: c, points: { p: null } } }`,
    'weir.yaml:3:45 devices.d.points.p: is empty; give it a map of keys, or remove the line',
  ],
];

test.each(rows)('%s is one clear fault at its place', async (_what, yaml, line) => {
  expect(await faultsOf({ 'weir.yaml': yaml })).toEqual({ lines: [line], code: 'configuration-invalid' });
});
