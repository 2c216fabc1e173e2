import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modbus } from '../../../drivers/modbus/driver.ts';
import { formatFault } from '../../../src/config/fault.ts';
import { checkProfile } from '../../../src/config/profile-check.ts';
import { listProfiles, loadProfile } from '../../../src/config/profile.ts';
import { profileFolders } from '../../../src/config/profile-folders.ts';
import { faultsOf, loaded, writeFiles } from '../../support/configuration-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { toyDrivers } from '../../support/toy-driver.ts';

const header = `vendor: Acme
model: M1
description: A meter
document: { title: Manual, revision: "1" }
verified: document
`;
const meter = `driver: toy
${header}domain: water
device: { order: BA }
points:
  flow: { read: holding 10, type: int16, unit: m3/h, scale: 0.1 }
  volume: { read: holding 20, unit: m3, kind: counter }
fingerprint:
  - { read: holding 0, equals: 4711 }
`;
const files = { 'profiles/acme/m1.yaml': meter };
const C = 'gateway: { id: g }\nconnections: { c: { driver: toy, transport: tcp, host: h } }\n';

test('a device gets the points, the defaults and the domain of its profile', async () => {
  const { configuration } = await loaded({
    ...files,
    'weir.yaml': `${C}devices: { d: { connection: c, profile: acme/m1 } }`,
  });
  const [device] = configuration.devices;
  expect(device).toMatchObject({ profile: 'acme/m1', settings: { unit: 1, order: 'BA' } });
  expect(device?.points.map(({ definition }) => definition)).toMatchObject([
    { id: 'd/flow', type: 'float64', unit: 'm3/h', domain: 'water' },
    { id: 'd/volume', type: 'uint16', unit: 'm3', domain: 'water', kind: 'counter' },
  ]);
});

test('a device overrides its profile key by key, adds points and removes them', async () => {
  const { configuration } = await loaded({
    ...files,
    'weir.yaml': `${C}devices:
  d:
    connection: c
    profile: acme/m1
    order: AB
    domain: energy
    points:
      flow: { scale: 0.01, deadband: 1 }
      volume: null
      state: { read: input 3, type: bool }`,
  });
  const [device] = configuration.devices;
  expect(device?.settings).toEqual({ unit: 1, order: 'AB' });
  expect(device?.points.map(({ definition }) => [definition.id, definition.domain])).toEqual([
    ['d/flow', 'energy'],
    ['d/state', 'energy'],
  ]);
  expect(device?.points[0]).toMatchObject({
    address: { read: { table: 'holding', number: 10 }, type: 'int16' },
    definition: { unit: 'm3/h' },
    processing: { scale: 0.01, deadband: 1 },
  });
});

test("the site's own profile wins over the one we ship", async () => {
  const { configuration } = await loaded({
    'profiles/eastron/sdm630.yaml': meter,
    'weir.yaml': `${C}devices: { d: { connection: c, profile: eastron/sdm630 } }`,
  });
  expect(configuration.devices[0]?.points).toHaveLength(2);
});

const device = (keys: string): string => `${C}devices: { d: { connection: c, ${keys} } }`;

test.each([
  [
    'a profile that is not there',
    'profile: acme/m2',
    '3:41 devices.d.profile: there is no profile acme/m2; did you mean acme/m1?',
  ],
  [
    'a way out of the folders',
    'profile: ../../etc/passwd',
    '3:41 devices.d.profile: is no name of a profile; write vendor/model as `weir profile list` shows it',
  ],
  [
    'an absolute path',
    'profile: /etc/passwd',
    '3:41 devices.d.profile: is no name of a profile; write vendor/model as `weir profile list` shows it',
  ],
  [
    'a profile for another driver',
    'profile: acme/other',
    '3:41 devices.d.profile: the profile is for the driver other; choose one for toy, see `weir profile list`',
  ],
  [
    'removing a point that the profile lacks',
    'profile: acme/m1, points: { flw: null }',
    '3:65 devices.d.points.flw: the profile has no such point to remove; did you mean flow?',
  ],
  [
    'removing all points',
    'profile: acme/m1, points: { flow: null, volume: null }',
    '3:50 devices.d.points: are missing; name a profile, or write points',
  ],
  [
    'an override that is wrong',
    'profile: acme/m1, points: { flow: { scale: 0 } }',
    '3:75 devices.d.points.flow.scale: a scale of 0 makes every value 0; remove the line, or write e.g. 0.1',
  ],
])('%s is one clear fault at its place', async (_what, keys, line) => {
  const other = meter.replace('driver: toy', 'driver: other');
  const result = await faultsOf({ ...files, 'profiles/acme/other.yaml': other, 'weir.yaml': device(keys) });
  expect(result).toEqual({ lines: [`weir.yaml:${line}`], code: 'configuration-invalid' });
});

test('what is wrong in a profile is said once, at its place in the profile, however many devices use it', async () => {
  const { lines } = await faultsOf({
    'profiles/acme/m1.yaml': meter.replace('holding 20', 'holding 70000'),
    'weir.yaml': `${C}devices:
  a: { connection: c, profile: acme/m1 }
  b: { connection: c, profile: acme/m1 }`,
  });
  expect(lines).toEqual([
    expect.stringMatching(/^profiles\/acme\/m1\.yaml:11:19 devices\.\w\.points\.volume\.read: 70000/),
  ]);
});

test("defaults of a profile that are not the driver's are refused", async () => {
  const { lines } = await faultsOf({
    'profiles/acme/m1.yaml': meter.replace('order: BA', 'every: 1s'),
    'weir.yaml': device('profile: acme/m1'),
  });
  expect(lines).toEqual(['profiles/acme/m1.yaml:8:11 device.every: is no known key; known are unit, order']);
});

test.each([
  ['an unknown key', `${meter}vendr: x\n`, '14:1 vendr: is no known key; did you mean vendor?'],
  ['no document', meter.replace(/^document.*\n/m, ''), '1:1 document: is missing; add it: a map of keys'],
  [
    'an unknown driver',
    meter.replace('driver: toy', 'driver: tyo'),
    '1:9 driver: there is no driver tyo; did you mean toy?',
  ],
  [
    "an unknown key among the driver's",
    meter.replace('order: BA', 'ordr: BA'),
    '8:11 device.ordr: is no known key; did you mean order?',
  ],
  [
    'an unknown key of a point',
    meter.replace('scale: 0.1', 'scal: 0.1'),
    '10:54 points.flow.scal: is no known key; did you mean scale?',
  ],
  [
    'a fingerprint without an address',
    meter.replace('read: holding 0, ', ''),
    '13:5 fingerprint[0].read: is missing; add it, e.g. holding 100',
  ],
  [
    'no points',
    meter.replace(/^ {2}(flow|volume).*\n/gm, ''),
    '9:8 points: is empty; give it a map of keys, or remove the line',
  ],
  ['an empty file', '', '1:1 driver: is missing; add it: text'],
])('checking a profile finds %s', async (_what, text, line) => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'm1.yaml': text });
  const { faults } = await checkProfile(join(folder.path, 'm1.yaml'), toyDrivers);
  expect(faults.map((fault) => formatFault(fault).replace(`${folder.path}/`, ''))[0]).toBe(`m1.yaml:${line}`);
});

test('a profile is listed and loaded by its name', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, {
    ...files,
    'profiles/acme/broken.yaml': 'driver: toy',
    'profiles/README.md': 'notes',
  });
  const folders = profileFolders(join(folder.path, 'weir.yaml')).slice(0, 1);
  const { profiles, faults } = await listProfiles(folders);
  expect(profiles).toEqual([
    {
      name: 'acme/m1',
      file: join(folder.path, 'profiles/acme/m1.yaml'),
      driver: 'toy',
      vendor: 'Acme',
      model: 'M1',
      description: 'A meter',
      document: { title: 'Manual', revision: '1' },
      verified: 'document',
      domain: 'water',
      points: 2,
    },
  ]);
  expect(new Set(faults.map(({ file }) => file))).toEqual(new Set([join(folder.path, 'profiles/acme/broken.yaml')]));
  const profile = await loadProfile('acme/m1', toyDrivers, folders);
  expect(profile.device).toMatchObject({ id: 'm1', settings: { order: 'BA' }, points: [{}, {}] });
  expect(profile.fingerprint).toEqual([
    { address: { read: { table: 'holding', number: 0 }, type: 'uint16' }, equals: 4711 },
  ]);
});

test.each([
  [['acme'], 1],
  [['METER', 'water'], 1], // the description and the domain
  [['volume'], 1], // a point
  [['acme', 'heat'], 0],
  [[], 1],
])('of all profiles, %j is about %i', async (words, amount) => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, files);
  const folders = profileFolders(join(folder.path, 'weir.yaml')).slice(0, 1);
  expect((await listProfiles(folders, words)).profiles).toHaveLength(amount);
});

test('a point that such a device cannot have is a fault of the profile, at its place', async () => {
  await using folder = await temporaryFolder();
  const text = meter
    .replace('driver: toy', 'driver: modbus')
    .replace('order: BA', 'base: 1')
    .replace('holding 10', 'input 0');
  await writeFiles(folder.path, { 'profiles/acme/m1.yaml': text.replace('unit: m3,', 'type: uint32, unit: m3,') });
  const loading = loadProfile('acme/m1', { modbus: async () => modbus }, [join(folder.path, 'profiles')]);
  await expect(loading).rejects.toMatchObject({
    code: 'profile-invalid',
    message: expect.stringMatching(/m1\.yaml:10:17 points\.flow\.read: with base 1 there is no input 0;/),
  });
});

test.each(['acme/m2', '../../etc/passwd'])('the profile %s is not there to be loaded', async (name) => {
  await expect(loadProfile(name, toyDrivers, profileFolders())).rejects.toMatchObject({
    code: 'profile-invalid',
    message: expect.stringContaining(`there is no profile ${name}; `),
  });
});

test('a profile that is not right cannot be loaded', async () => {
  await using folder = await temporaryFolder();
  await writeFiles(folder.path, { 'profiles/acme/m1.yaml': `${meter}x: 1` });
  await expect(loadProfile('acme/m1', toyDrivers, [join(folder.path, 'profiles')])).rejects.toMatchObject({
    code: 'profile-invalid',
    message: expect.stringContaining('m1.yaml:14:1 x: is no known key'),
  });
});
