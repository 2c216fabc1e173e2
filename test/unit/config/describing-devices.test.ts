import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatFault } from '../../../src/config/fault.ts';
import { checkConfiguration } from '../../../src/config/load.ts';
import { writeFiles } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { toyDriver } from '../../support/toy-driver.ts';

const drivers = {
  toy: () => Promise.resolve(toyDriver),
  describing: () => Promise.resolve({ ...toyDriver, name: 'describing', discovers: true as const }),
};

const written = (driver: string, device: string, select = '{}'): string => `
gateway: { id: here, labels: { city: geneva } }
connections:
  roof: { driver: ${driver}, transport: tcp, host: 192.0.2.10 }
devices:
  inverter: { connection: roof${device} }
destinations:
  centre: { url: "mqtt://192.0.2.1", select: ${select} }
`;

async function check(text: string) {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'weir.yaml': text });
  const { configuration, faults } = await checkConfiguration(join(folder.path, 'weir.yaml'), drivers);
  return { configuration, lines: faults.map((fault) => formatFault(fault).replaceAll(`${folder.path}/`, '')) };
}

test('a device may be configured without points where its driver can have it describe them', async () => {
  const text = written('describing', ', every: 5s, domain: energy, labels: { roof: south }, class: billing');
  const { configuration, lines } = await check(text);
  expect(lines).toEqual([]);
  expect(configuration?.devices).toMatchObject([
    {
      id: 'inverter',
      points: [],
      described: { every: 5_000, domain: 'energy', class: 'billing', labels: { city: 'geneva', roof: 'south' } },
    },
  ]);
});

test('a device with points of its own describes nothing', async () => {
  const { configuration } = await check(written('describing', ', points: { power: { read: input 1 } }'));
  expect(configuration?.devices).toMatchObject([{ points: [{ address: {} }], described: undefined }]);
});

test('where the driver cannot, points are missing as ever', async () => {
  const { lines } = await check(written('toy', ''));
  expect(lines).toEqual(['weir.yaml:6:3 devices.inverter.points: are missing; name a profile, or write points']);
});

test('a destination may select points that are not known yet, of such a device alone', async () => {
  const select = '{ point: [inverter/ac-power, inverted/ac-power] }';
  const { lines } = await check(written('describing', '', select));
  expect(lines).toEqual([expect.stringContaining('there is no point inverted/ac-power')]);
});
