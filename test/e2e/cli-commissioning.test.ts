import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { enterBasement, type Basement } from '../support/basement.ts';
import { startWeir, type Ended } from '../support/run-weir.ts';

let basement: Basement;

beforeAll(async () => {
  basement = await enterBasement();
});

afterAll(() => basement[Symbol.asyncDispose]());

function linesOf({ stdout }: Ended): readonly unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('weir device read, of places that need not be configured', () => {
  test('shows bare registers in every way in which manuals speak of them', async () => {
    const { exit, stdout } = await basement.weir('device', 'read', 'basement/7', 'holding 110', '--count', '4');
    expect([exit, stdout.split('\n')]).toEqual([
      0,
      [
        'address         hex  unsigned  signed  bits                 text',
        'holding 110  0x5344     21316   21316  0101 0011 0100 0100  SD',
        'holding 111  0x4d2d     19757   19757  0100 1101 0010 1101  M-',
        'holding 112  0x5831     22577   22577  0101 1000 0011 0001  X1',
        'holding 113  0x0000         0       0  0000 0000 0000 0000  ..',
        '',
      ],
    ]);
  });

  test('shows values of a type, an order and a scale, and what is refused', async () => {
    const { exit, stdout } = await basement.bare(
      'device',
      'read',
      'modbus/7',
      'holding 102',
      '--type',
      'float32',
      '--order',
      'CDAB',
    );
    expect([exit, stdout]).toEqual([0, 'address      value  quality\nholding 102  49.98  good\n']);
    const scaled = await basement.bare(
      'device',
      'read',
      'modbus/7',
      'holding 104',
      'holding 105',
      '--type',
      'uint16',
      '--scale',
      '0.1',
      '--json',
    );
    expect([scaled.exit, JSON.parse(scaled.stdout)]).toEqual([
      0,
      [
        { point: 'holding 104', value: 230.1, quality: 'good' },
        { point: 'holding 105', value: null, quality: 'bad', reason: 'refused' },
      ],
    ]);
  });

  test('shows no more digits of a scaled float32 than the register holds, and tells programs the exact number', async () => {
    const exact = Math.fround(49.98) * 1000;
    expect(String(exact)).not.toBe('49980');
    const bare = [
      'device',
      'read',
      'modbus/7',
      'holding 102',
      '--type',
      'float32',
      '--order',
      'CDAB',
      '--scale',
      '1000',
    ];
    expect((await basement.bare(...bare)).stdout).toContain('\nholding 102  49980  good\n');
    expect(JSON.parse((await basement.bare(...bare, '--json')).stdout)).toMatchObject([{ value: exact }]);
    const configuration = parse(await readFile(join(basement.folder, 'weir.yaml'), 'utf8'));
    const point = { read: 'holding 102', type: 'float32', order: 'CDAB', scale: 1000, offset: 0.5, unit: 'mHz' };
    configuration.devices.boiler.points = { frequency: point };
    await writeFile(join(basement.folder, 'scaled.yaml'), JSON.stringify(configuration));
    const configured = ['--config', 'scaled.yaml', 'device', 'read', 'boiler'];
    expect((await basement.weir(...configured)).stdout).toContain('\nboiler/frequency  49980.5 mHz  good\n');
    const [reading] = JSON.parse((await basement.weir(...configured, '--json')).stdout);
    expect(reading).toMatchObject({ value: exact + 0.5 });
  });

  test('shows a bit without being told what it is', async () => {
    expect((await basement.weir('device', 'read', 'basement/7', 'coil 3')).stdout).toMatch(
      /^coil 3 +(true|false) +good$/m,
    );
  });

  test('may ask a configured device for other places', async () => {
    expect((await basement.weir('device', 'read', 'boiler', 'holding 104')).stdout).toMatch(
      /^holding 104 +0x08fd +2301/m,
    );
  });

  test('a silent unit is an error after what is known', async () => {
    const { exit, stdout, stderr } = await basement.weir(
      'device',
      'read',
      'basement/8',
      'holding 100',
      '--type',
      'int16',
    );
    expect([exit, stdout]).toEqual([69, expect.stringMatching(/^holding 100 +no-answer +bad$/m)]);
    expect(stderr).toContain('weir: basement/8 does not answer\n→ Check the unit address');
  });

  test('a connection that cannot be made says so', async () => {
    const { exit, stderr } = await basement.weir('device', 'read', 'nobody/1', 'holding 100');
    expect([exit, stderr]).toEqual([69, expect.stringContaining('refuses the connection')]);
  });
});

describe('weir device read --all-orders', () => {
  test('marks the one order in which a voltage is a voltage', async () => {
    const { exit, stdout } = await basement.weir(
      'device',
      'read',
      'basement/7',
      'holding 100',
      '--all-orders',
      '--json',
    );
    expect(exit).toBe(0);
    const readings = JSON.parse(stdout) as { as: string; value: unknown; plausible: { strength: string } | null }[];
    expect(readings.length).toBeGreaterThan(10);
    const likely = readings.filter(({ plausible }) => plausible?.strength === 'likely').map(({ as }) => as);
    expect(likely).toEqual(['float32 ABCD']);
  });

  test('says why, and that only the display proves it', async () => {
    const { stdout, stderr } = await basement.bare('device', 'read', 'modbus/7', 'holding 102', '--all-orders');
    expect(stdout).toMatch(/^float32 CDAB +49\.98 +★ like a frequency of 50 Hz$/m);
    expect(stderr).toContain('Compare with the display of the device');
  });
});

describe('weir device scan', () => {
  test('shows who answers and how, and what to write into the configuration', async () => {
    const { exit, stdout, stderr } = await basement.weir('device', 'scan', 'basement', '--units', '5-8');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^✓ unit 7 .*ms$/m);
    expect(stdout).toMatch(/^1 device on basement: 4 addresses asked in /m);
    expect(parse(stdout.slice(stdout.indexOf('devices:')))).toEqual({
      devices: { 'unit-7': { connection: 'basement', unit: 7, every: '10s' } },
    });
    expect(stderr).toContain('Which model it is: weir device identify basement/7');
  });

  test('tells programs of each device as it is found, and at last of the whole', async () => {
    const ended = await basement.bare('device', 'scan', 'modbus', '--units', '7,9', '--json');
    expect([ended.exit, linesOf(ended)]).toEqual([
      0,
      [
        {
          address: 'unit 7',
          device: { unit: 7 },
          settings: {},
          answer: expect.any(String),
          milliseconds: expect.any(Number),
          several: false,
        },
        {
          tried: 2,
          total: 2,
          complete: true,
          found: 1,
          seconds: expect.any(Number),
          snippet: {
            connections: {
              'at-127-0-0-1': expect.objectContaining({
                driver: 'modbus',
                transport: 'tcp',
                port: basement.meter.port,
              }),
            },
            devices: { 'unit-7': { connection: 'at-127-0-0-1', unit: 7, every: '10s' } },
          },
        },
      ],
    ]);
  });

  test('in which nobody answers fails, after its summary', async () => {
    const { exit, stdout, stderr } = await basement.weir('device', 'scan', 'basement', '--units', '1-2');
    expect([exit, stdout]).toEqual([69, expect.stringMatching(/^0 devices on basement: 2 addresses asked in /m)]);
    expect(stderr).toContain('weir: nobody answers on basement');
  });

  test('ends on Ctrl-C with what was found so far', async () => {
    const scanning = startWeir(['device', 'scan', 'basement', '--units', '7-247', '--json'], { cwd: basement.folder });
    const lines: string[] = [];
    const exited = once(scanning, 'exit');
    for await (const line of createInterface({ input: scanning.stdout })) {
      if (lines.push(line) === 1) scanning.kill('SIGINT');
    }
    await expect(exited).resolves.toEqual([130, null]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ device: { unit: 7 } }),
      expect.objectContaining({ complete: false, found: 1, total: 241 }),
    ]);
  });
});

describe('weir device identify', () => {
  test('shows what the device says of itself, the profile that it looks like, and what to write', async () => {
    const { exit, stdout } = await basement.weir('device', 'identify', 'basement/7');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ {2}vendor name +ACME Instruments$/im);
    expect(stdout).toMatch(/^acme\/x1 +ACME X1 +holding 104 is 2301$/m);
    expect(parse(stdout.slice(stdout.indexOf('devices:')))).toEqual({
      devices: { 'unit-7': { connection: 'basement', unit: 7, profile: 'acme/x1', every: '10s' } },
    });
  });

  test('tells programs the same', async () => {
    const { exit, stdout } = await basement.weir('device', 'identify', 'boiler', '--json');
    const found = JSON.parse(stdout) as { facts: { value: string }[]; looksLike: unknown };
    expect(exit).toBe(0);
    expect(found.facts.map(({ value }) => value)).toEqual(expect.arrayContaining(['ACME Instruments', 'X1', '1.4']));
    expect(found.looksLike).toEqual([
      { profile: 'acme/x1', vendor: 'ACME', model: 'X1', by: 'fingerprint', evidence: ['holding 104 is 2301'] },
    ]);
  });

  test('of a unit that stays silent is an error', async () => {
    const { exit, stdout, stderr } = await basement.weir('device', 'identify', 'basement/9');
    expect([exit, stdout, stderr]).toEqual([69, '', expect.stringContaining('basement/9 does not answer')]);
  });
});
