import { expect, test } from 'vitest';
import { faultsOf, loaded } from '../../support/configuration-files.ts';

const sparkplug = 'destinations: { x: { url: "mqtt://h", format: sparkplug-b, sparkplug: { group: city } } }';

function gateway(ids: { gateway?: string; device?: string; point?: string; group?: string }): string {
  const { gateway: id = 'g', device = 'd', point = 'p', group = 'city' } = ids;
  return `gateway: { id: "${id}" }
connections: { c: { driver: toy, transport: tcp, host: h } }
devices: { "${device}": { connection: c, points: { "${point}": { read: input 1 } } } }
destinations: { x: { url: "mqtt://h", format: sparkplug-b, sparkplug: { group: "${group}", primaryHost: scada } } }`;
}

test('a group and a primary host are taken over', async () => {
  const { configuration } = await loaded({ 'weir.yaml': gateway({}) });
  expect(configuration.destinations[0]?.options).toEqual({ sparkplug: { group: 'city', primaryHost: 'scada' } });
});

test('ids that Sparkplug could not carry are refused by the configuration', async () => {
  for (const character of ['+', '/', '#', ' ', '\\u0000']) {
    for (const key of ['gateway', 'device', 'point', 'group'] as const) {
      const { lines } = await faultsOf({ 'weir.yaml': gateway({ [key]: `a${character}b` }) });
      expect(lines.join('\n')).toContain('cannot be an id');
    }
  }
});

test('ids that differ in case alone are refused for sparkplug-b', async () => {
  const twins = `gateway: { id: g }
connections: { c: { driver: toy, transport: tcp, host: h } }
devices: { d: { connection: c, points: { Power: { read: input 1 }, power: { read: input 2 } } } }
`;
  const { lines } = await faultsOf({ 'weir.yaml': `${twins}${sparkplug}` });
  expect(lines).toEqual([
    expect.stringContaining('destinations.x.format: cannot tell d/Power from d/power: Sparkplug hosts may ignore case'),
  ]);
  await expect(loaded({ 'weir.yaml': `${twins}destinations: { x: { url: "mqtt://h" } }` })).resolves.toBeDefined();
});

test('settings of another format are refused', async () => {
  const { lines } = await faultsOf({
    'weir.yaml': 'gateway: { id: g }\ndestinations: { x: { url: "mqtt://h", sparkplug: { group: city } } }',
  });
  expect(lines).toEqual([expect.stringContaining('is for another format; write format: sparkplug-b')]);
});
