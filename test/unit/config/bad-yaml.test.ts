import { expect, test } from 'vitest';
import { faultsOf } from '../../support/configuration-files.ts';

const bomb = [
  'a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]',
  ...Array.from('bcdefgh', (name, index) => {
    const alias = `*${'abcdefg'[index]}`;
    return `${name}: &${name} [${Array.from({ length: 10 }, () => alias).join(', ')}]`;
  }),
].join('\n');

/** What is written, and the one line that is said about it. */
const rows: readonly (readonly [what: string, yaml: string, line: string])[] = [
  ['an empty file', '', 'weir.yaml:1:1 is empty; begin with gateway: { id: … }, as in config/weir.example.yaml'],
  [
    'nothing but comments',
    '# nothing yet\n',
    'weir.yaml:1:1 is empty; begin with gateway: { id: … }, as in config/weir.example.yaml',
  ],
  ['a text', 'hello', 'weir.yaml:1:1 is not a map of keys; begin with gateway: { id: … }'],
  ['a list', '- gateway', 'weir.yaml:1:1 is not a map of keys; begin with gateway: { id: … }'],
  ['a tab as indentation', 'gateway:\n\tid: g', 'weir.yaml:2:1 a tab is used as indentation; indent with spaces'],
  [
    'two documents',
    'gateway: { id: g }\n---\nclock: {}',
    'weir.yaml:2:1 a second document begins here; remove the line ---',
  ],
  [
    'an older YAML, in which `off` is false',
    '%YAML 1.1\n---\ngateway: { id: g }',
    'weir.yaml:1:1 the directive is not supported; remove the line: Weir reads YAML 1.2',
  ],
  [
    'a tag',
    'gateway: { id: !secret g }',
    'weir.yaml:1:16 tags (words after !) have no meaning here; put the value in quotes',
  ],
  [
    'a binary tag',
    'gateway: { id: !!binary aGk= }',
    'weir.yaml:1:16 tags (words after !) have no meaning here; put the value in quotes',
  ],
  [
    'an open brace',
    'gateway: { id: g\nclock: {}',
    'weir.yaml:2:1 the indentation fits nothing above; keys of one map begin in the same column; close every bracket that you open',
  ],
  ['an open quote', 'gateway: { id: "g }', 'weir.yaml:1:20 a bracket, brace or quote is not closed; close it'],
  [
    'a key between two columns',
    'gateway:\n    id: g\n  labels: {}',
    'weir.yaml:3:1 the indentation fits nothing above; keys of one map begin in the same column; close every bracket that you open',
  ],
  [
    'a key without a space behind its colon',
    'gateway:\n  id:g\n  labels: {}',
    'weir.yaml:2:3 a key needs a colon and a space behind it; write key: value',
  ],
  [
    'a colon in a bare value',
    'gateway: { id: g }\njournal:\n  path: a: b',
    'weir.yaml:3:9 this cannot be read as one value; put it in quotes',
  ],
  [
    'an escape that is none',
    'gateway: { id: "\\q" }',
    'weir.yaml:1:17 this is no YAML (BAD_DQ_ESCAPE); put texts in quotes',
  ],
  [
    'two anchors at one place',
    'gateway: &a &b { id: g }',
    'weir.yaml:1:13 this is no YAML (MULTIPLE_ANCHORS); put texts in quotes',
  ],
  [
    'a value that begins with @',
    'gateway: { id: @g }',
    'weir.yaml:1:16 this cannot be read as one value; put it in quotes',
  ],
  [
    'an alias of nothing',
    'gateway: *g',
    'weir.yaml:1:10 gateway: *g refers to an anchor that is not above; write &g before it',
  ],
  [
    'an alias of what it is part of',
    'gateway: &g\n  id: g\n  labels: *g',
    'weir.yaml:3:11 gateway.labels: *g refers to what it is part of; write the values out instead',
  ],
  ['a YAML bomb', bomb, 'weir.yaml:6:8 f[0]: it comes to more than 200000 values; do not multiply aliases'],
  [
    'thirty levels',
    `gateway: ${'['.repeat(30)}${']'.repeat(30)}`,
    `weir.yaml:1:34 gateway${'[0]'.repeat(24)}: it is nested deeper than 24 levels; flatten it`,
  ],
  [
    'a reserved key',
    'gateway:\n  id: g\n  __proto__: { id: h }',
    'weir.yaml:3:3 gateway: __proto__ is a reserved word; choose another name',
  ],
  [
    'another one',
    'gateway: { id: g }\nconstructor: {}',
    'weir.yaml:2:1 constructor is a reserved word; choose another name',
  ],
  [
    'a list as a key',
    'gateway: { id: g, ? [a, b] : c }',
    'weir.yaml:1:21 gateway: a key must be text; write key: value',
  ],
  ['no key at all', 'gateway:\n  id: g\n  : 1', 'weir.yaml:3:1 gateway: a key must be text; write key: value'],
  [
    'a key of 200 letters',
    `gateway: { id: g }\n${'k'.repeat(200)}: 1`,
    'weir.yaml:2:1 the key has 200 characters; 128 are the limit',
  ],
  [
    'a key twice',
    'gateway:\n  id: g\n  id: h',
    'weir.yaml:3:3 gateway.id: is already at weir.yaml:2:3; an id or key stands once: rename or remove one of the two',
  ],
];

test.each(rows)('%s is one clear fault at its place', async (_what, yaml, line) => {
  const { lines, code } = await faultsOf({ 'weir.yaml': yaml });
  expect(lines).toEqual([line]);
  expect(code).toBe('configuration-invalid');
});

test('brackets beyond what the parser can stand are one fault, not a crash', async () => {
  const { lines, code } = await faultsOf({ 'weir.yaml': `gateway: ${'['.repeat(20_000)}` });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^weir\.yaml:1:\d+ it is nested too deeply; 24 levels are the limit$/);
  expect(code).toBe('configuration-invalid');
});
