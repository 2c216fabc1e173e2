import { expect, test } from 'vitest';
import { faultsOf } from '../../support/configuration-files.ts';

const G = 'gateway: { id: g }\n';

/** What is written, and the one line that is said about it. */
const rows: readonly (readonly [what: string, yaml: string, line: string])[] = [
  ['an unknown section', `${G}conections: {}`, 'weir.yaml:2:1 conections: is no known key; did you mean connections?'],
  [
    'a section unlike any',
    `${G}zzz: {}`,
    'weir.yaml:2:1 zzz: is no known key; known are gateway, journal, clock, control, audit, connections, devices, destinations, servers',
  ],
  [
    'an unknown key of the gateway',
    'gateway: { id: g, lables: {} }',
    'weir.yaml:1:19 gateway.lables: is no known key; did you mean labels?',
  ],
  [
    'an unknown key of the journal',
    `${G}journal: { comit: 1s }`,
    'weir.yaml:2:12 journal.comit: is no known key; did you mean commit?',
  ],
  [
    'an unknown key deeper down',
    `${G}journal: { keep: { siz: 1GiB } }`,
    'weir.yaml:2:20 journal.keep.siz: is no known key; did you mean size?',
  ],
  [
    'an unknown key of the clock',
    `${G}clock: { truted: true }`,
    'weir.yaml:2:10 clock.truted: is no known key; did you mean trusted?',
  ],
  [
    'an unknown key of the control socket',
    `${G}control: { sock: /run/s }`,
    'weir.yaml:2:12 control.sock: is no known key; did you mean socket?',
  ],
  ['no gateway', 'clock: {}', 'weir.yaml:1:1 gateway: is missing; add it, e.g. gateway: { id: harbour-07 }'],
  ['no id', 'gateway:\n  labels: {}', 'weir.yaml:1:1 gateway.id: is missing; add it, e.g. harbour-07'],
  [
    'an id with a slash',
    'gateway: { id: a/b }',
    'weir.yaml:1:16 gateway.id: "a/b" cannot be an id; use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
  ],
  [
    'an id with a space',
    'gateway: { id: "a b" }',
    'weir.yaml:1:16 gateway.id: "a b" cannot be an id; use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
  ],
  [
    'an id of 65 letters',
    `gateway: { id: ${'a'.repeat(65)} }`,
    'weir.yaml:1:16 gateway.id: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…" cannot be an id; use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
  ],
  ['a number as an id', 'gateway: { id: 007 }', 'weir.yaml:1:16 gateway.id: 7 is not text; put it in quotes: "7"'],
  [
    'a truth as an id',
    'gateway: { id: true }',
    'weir.yaml:1:16 gateway.id: true is not text; put it in quotes: "true"',
  ],
  ['an id without a value', 'gateway:\n  id:', 'weir.yaml:2:6 gateway.id: is empty; give it text, or remove the line'],
  [
    'a text for the gateway',
    'gateway: harbour-07',
    'weir.yaml:1:10 gateway: a text is not a map of keys; write each key or id on a line below, a colon behind it, no hyphen before it',
  ],
  [
    'labels as a list',
    'gateway: { id: g, labels: [a] }',
    'weir.yaml:1:27 gateway.labels: a list is not a map of keys; write each key or id on a line below, a colon behind it, no hyphen before it',
  ],
  [
    'a number as a label',
    'gateway: { id: g, labels: { floor: 3 } }',
    'weir.yaml:1:36 gateway.labels.floor: 3 is not text; put it in quotes: "3"',
  ],
  [
    'a label name with a blank',
    'gateway: { id: g, labels: { "my floor": "3" } }',
    'weir.yaml:1:29 gateway.labels.my floor: "my floor" cannot be an id; use up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
  ],
  [
    'devices as a list',
    `${G}devices: []`,
    'weir.yaml:2:10 devices: a list is not a map of keys; write each key or id on a line below, a colon behind it, no hyphen before it',
  ],
  [
    'a duration without its unit',
    `${G}journal: { commit: 10 }`,
    'weir.yaml:2:20 journal.commit: 10 is not a duration like 500ms, 10s, 5m, 2h or 30d; add its unit',
  ],
  [
    'a duration in years',
    `${G}journal: { commit: 1y }`,
    'weir.yaml:2:20 journal.commit: "1y" is not a duration like 500ms, 10s, 5m, 2h or 30d',
  ],
  [
    'a negative duration',
    `${G}journal: { commit: -1s }`,
    'weir.yaml:2:20 journal.commit: "-1s" is not a duration like 500ms, 10s, 5m, 2h or 30d',
  ],
  ['a duration of nothing', `${G}journal: { commit: 0s }`, 'weir.yaml:2:20 journal.commit: 0s is outside 1ms to 10m'],
  ['a duration too long', `${G}journal: { commit: 11m }`, 'weir.yaml:2:20 journal.commit: 11m is outside 1ms to 10m'],
  [
    'a size in thousands',
    `${G}journal: { keep: { size: 2GB } }`,
    'weir.yaml:2:26 journal.keep.size: "2GB" is not a size like 64KiB, 100MiB or 2GiB',
  ],
  [
    'a size too small',
    `${G}journal: { keep: { size: 64KiB } }`,
    'weir.yaml:2:26 journal.keep.size: 64KiB is outside 1MiB to 1024TiB',
  ],
  [
    'a word where true or false belongs',
    `${G}clock: { trusted: yes }`,
    'weir.yaml:2:19 clock.trusted: "yes" is not true or false',
  ],
  [
    'a device with a number as its connection',
    `${G}devices: { d: { connection: 7, points: { p: { read: input 1 } } } }`,
    'weir.yaml:2:29 devices.d.connection: 7 is not text; put it in quotes: "7"',
  ],
  [
    'a socket path too long for the system',
    `${G}control: { socket: /${'s'.repeat(120)} }`,
    'weir.yaml:2:20 control.socket: /ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss is too long for a socket; name a path of at most 107 bytes',
  ],
];

test.each(rows)('%s is one clear fault at its place', async (_what, yaml, line) => {
  expect(await faultsOf({ 'weir.yaml': yaml })).toEqual({ lines: [line], code: 'configuration-invalid' });
});
