import { describe, expect, test } from 'vitest';
import { connectionKeys, optionsFor } from '../../../../src/cli/device/connection-options.ts';
import { conclusion } from '../../../../src/cli/device/scan-report.ts';
import { snippetFor, snippetText, type FoundDevice } from '../../../../src/cli/device/snippet.ts';
import type { NamedConnection } from '../../../../src/cli/device/target.ts';
import type { Configuration } from '../../../../src/config/configuration.ts';
import { toyDriver } from '../../../support/toy-driver.ts';

describe('a connection named by options', () => {
  test('is what a configuration would write', async () => {
    expect(await connectionKeys({ host: '192.0.2.10', port: 1502, timeout: '500ms' })).toEqual({
      transport: 'tcp',
      host: '192.0.2.10',
      port: 1502,
      timeout: '500ms',
    });
    expect(await connectionKeys({ path: '/dev/ttyUSB0', baud: [9600, 19_200], parity: ['even'] })).toEqual({
      transport: 'serial',
      path: '/dev/ttyUSB0',
      baud: 9600,
      parity: 'even',
    });
    expect(await connectionKeys({ host: 'gw', transport: 'rtu-over-tcp', with: ['pause=20ms', 'retries=0'] })).toEqual({
      transport: 'rtu-over-tcp',
      host: 'gw',
      pause: '20ms',
      retries: 0,
    });
  });

  test.each([
    [{ host: 'a', path: '/dev/ttyS0' }, '--host and --path are two connections'],
    [{ path: '/dev/ttyS0', port: 502 }, '--port is of a --host, not of a --path'],
    [{ host: 'a', with: ['stopBits'] }, '--with stopBits: write key=value'],
  ])('that contradicts itself is refused: %j', async (options, message) => {
    await expect(connectionKeys(options)).rejects.toThrow(message);
  });

  test('can be named again by the same options', () => {
    const keys = { driver: 'modbus', transport: 'serial', path: '/dev/ttyS0', baud: 9600, stopBits: 2 };
    expect(optionsFor(keys)).toEqual(['--path /dev/ttyS0', '--baud 9600', '--with stopBits=2']);
    expect(optionsFor({ driver: 'modbus', transport: 'udp', host: 'gw' })).toEqual(['--transport udp', '--host gw']);
  });
});

function unit(number: number): FoundDevice {
  return { device: { unit: number } };
}

/** A step of a scan at which somebody answered, or several did at once. */
function answered(number: number, isSeveral: boolean) {
  return {
    address: `unit ${number}`,
    done: number + 1,
    total: 2,
    found: { device: { unit: number }, answer: 'ok', milliseconds: 1, ...(isSeveral && { isSeveral: true as const }) },
  };
}

describe('a snippet of configuration', () => {
  const configured: NamedConnection = {
    id: 'basement',
    driver: toyDriver,
    settings: {},
    configuration: { devices: [] } as unknown as Configuration,
    keys: { driver: 'toy' },
  };
  test('holds the devices alone where their connection is configured', async () => {
    const found = [unit(3), { ...unit(17), profile: 'eastron/sdm630' }];
    expect((await snippetText(snippetFor(configured, found))).split('\n')).toEqual([
      'devices:',
      '  unit-3: { connection: basement, unit: 3, every: 10s }',
      '  unit-17: { connection: basement, unit: 17, profile: eastron/sdm630, every: 10s }',
    ]);
  });

  test('holds the connection too where that was named by options', async () => {
    const keys = { driver: 'modbus', transport: 'tcp', host: '192.0.2.10' };
    const snippet = snippetFor({ ...configured, configuration: undefined, id: 'modbus', keys }, [unit(1)]);
    expect((await snippetText(snippet)).split('\n')).toEqual([
      'connections:',
      '  at-192-0-2-10: { driver: modbus, transport: tcp, host: 192.0.2.10 }',
      'devices:',
      '  unit-1: { connection: at-192-0-2-10, unit: 1, every: 10s }',
    ]);
  });

  test('proposes to read devices as often as their lines and batteries allow', () => {
    const slow = { ...configured, driver: { ...toyDriver, proposedPeriod: '15m' } };
    expect(snippetFor(slow, [unit(3)]).devices).toEqual({
      'unit-3': { connection: 'basement', unit: 3, every: '15m' },
    });
  });

  test('leaves out who answers as one with others', async () => {
    const [several, one] = [answered(0, true), answered(1, false)];
    const { document, text } = await conclusion(configured, { found: [several, one], last: one, elapsed: 1_000 });
    expect(document).toMatchObject({ found: 1, snippet: { devices: { 'unit-1': { unit: 1 } } } });
    expect(text).not.toContain('unit-0');
  });

  test('says what has to change where devices answered under other settings', () => {
    expect(snippetFor(configured, [{ ...unit(3), changed: { baud: 19_200 } }])).toEqual({
      connections: { basement: { baud: 19_200 } },
      devices: { 'unit-3': { connection: 'basement', unit: 3, every: '10s' } },
    });
  });

  test('keeps devices apart that answered under different settings', () => {
    const keys = { driver: 'modbus', transport: 'serial', path: '/dev/ttyS0', baud: 9600 };
    const snippet = snippetFor({ ...configured, configuration: undefined, id: 'modbus', keys }, [
      unit(3),
      { ...unit(3), changed: { baud: 19_200 } },
    ]);
    expect(snippet).toEqual({
      connections: { 'bus-1': keys, 'bus-2': { ...keys, baud: 19_200 } },
      devices: {
        'unit-3-1': { connection: 'bus-1', unit: 3, every: '10s' },
        'unit-3-2': { connection: 'bus-2', unit: 3, every: '10s' },
      },
    });
  });
});
