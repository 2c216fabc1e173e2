import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkConfiguration, loadConfiguration } from '../../../src/config/load.ts';
import { errorCodes, GatewayError } from '../../../src/model/errors.ts';
import { writeFiles } from '../../support/configuration-files.ts';
import { randomNumbers, type RandomNumbers } from '../../support/random-numbers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { toyDrivers } from '../../support/toy-driver.ts';

const CANARY = 'correct-horse-battery';

const lines = `gateway:
  id: harbour-07
  labels: { city: geneva, district: "harbour" }
journal:
  path: /tmp/weir
  keep: { size: 2GiB, age: 30d }
connections:
  a: { driver: toy, transport: tcp, host: 192.0.2.10, port: 502 }
  b:
    driver: toy
    transport: serial
    path: /dev/ttyUSB0
devices:
  meter: &meter
    connection: a
    unit: 1
    every: 10s
    points:
      flow: { read: input 100, type: float32, unit: Cel, deadband: 0.1 }
      set: { read: holding 120, type: int16, scale: 0.1, write: { min: 5, max: 60 } }
      mode: { read: holding 130, labels: { 0: off, 1: eco }, invalid: [0xFFFF, -1] }
  again: *meter
destinations:
  centre:
    url: mqtts://broker.example:8883
    user: { name: u, password: { env: WEIR_TEST_UNSET } }
    select: { domain: [energy], label: { city: geneva } }
`.split('\n');

const junk = [
  ...'[ ] { } " \' : - ? &x *meter *x !!set !x | > @ % # null ~ true .nan -.inf 1e999 0x -0 70000 "" {} []'.split(' '),
  ...'--- ... ../../etc \t \0 \uFEFF \uD83D\uDE00'.split(' '),
  '__proto__: 1',
  'constructor: {}',
  '<<: *meter',
  '%YAML 1.1',
  '9'.repeat(400),
];

const pick = <T>(from: readonly T[], random: RandomNumbers): T => from[random.below(from.length)] as T;

type Mutation = (text: readonly string[], random: RandomNumbers) => readonly string[];

/** Changes one line of it, chosen by chance. */
const inLine =
  (change: (line: string, random: RandomNumbers) => string): Mutation =>
  (text, random) => {
    const chosen = random.below(text.length);
    return text.map((line, index) => (index === chosen ? change(line, random) : line));
  };

const mutations: readonly Mutation[] = [
  (text, random) => text.toSpliced(random.below(text.length), 1),
  (text, random) => text.toSpliced(random.below(text.length), 0, pick(text, random)),
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => [...text, ...text.slice(random.below(text.length))],
  inLine((line, random) => `${' '.repeat(random.below(6))}${line}`),
  inLine((line) => line.trimStart()),
  inLine((line, random) => line.slice(0, random.below(line.length + 1))),
  inLine((line, random) => line.replace(/: .*$/, () => `: ${pick(junk, random)}`)),
  inLine((line, random) => {
    const at = random.below(line.length + 1);
    return `${line.slice(0, at)}${pick(junk, random)}${line.slice(at)}`;
  }),
  inLine((line, random) => {
    const at = random.below(line.length + 1);
    return `${line.slice(0, at)}${line[at + 1] ?? ''}${line[at] ?? ''}${line.slice(at + 2)}`;
  }),
  inLine((line) => line.replace(/\{ env: \w+ \}/, CANARY)),
];

function mutate(random: RandomNumbers): string {
  const rounds = 1 + random.below(4);
  let text: readonly string[] = lines;
  for (let round = 0; round < rounds; round += 1) text = pick(mutations, random)(text, random);
  return text.join(random.below(8) === 0 ? '\r\n' : '\n');
}

test('of 500 mutated configurations none does more than to be right or to be refused with places', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'weir.yaml');
  const random = randomNumbers(2026);
  let refused = 0;
  for (let run = 0; run < 500; run += 1) {
    const text = mutate(random);
    await writeFiles(folder.path, { 'weir.yaml': text });
    const { configuration, faults } = await checkConfiguration(file, toyDrivers, { secrets: 'unchecked' });
    expect(configuration === undefined, text).toBe(faults.length > 0);
    for (const fault of faults) {
      expect(fault.line, text).toBeLessThanOrEqual(text.split('\n').length);
      expect(fault.message, text).not.toContain(CANARY);
      expect(fault.hint, text).not.toContain(CANARY);
    }
    const error: unknown = await loadConfiguration(file, toyDrivers).catch((thrown: unknown) => thrown);
    if (!(error instanceof GatewayError)) continue;
    refused += 1;
    expect(errorCodes[error.code].exit, text).toBe(78);
  }
  expect(refused).toBeGreaterThan(400);
});
