import { expect, test } from 'vitest';
import { withDevice } from '../../../src/config/edit.ts';

const text = `# the harbour
gateway: { id: harbour } # unique

connections:
  plant: { driver: opcua, endpoint: "opc.tcp://127.0.0.1" } # the press

devices:
  # what was there before
  boiler:
    connection: plant
    points:
      flow: { node: "ns=2;s=Flow", type: float64 } # in the cellar
`;

test('a device is added, and everything else stays as it was, comments among it', () => {
  const added = withDevice(text, {
    id: 'press',
    keys: { connection: 'plant' },
    points: {
      'Oil.Temperature': { node: 'nsu=urn:x;s=Oil', type: 'float32' },
      State: { node: 'i=7', labels: { 0: 'off' } },
    },
  });
  expect(added).toBe(`${text}  press:
    connection: plant
    points:
      Oil.Temperature: { node: nsu=urn:x;s=Oil, type: float32 }
      State: { node: i=7, labels: { "0": off } }
`);
});

test('points are added to a device that is there', () => {
  const added = withDevice(text, { id: 'boiler', keys: { connection: 'other' }, points: { back: { node: 'i=9' } } });
  expect(added).toBe(`${text}      back: { node: i=9 }\n`);
});

test('a point that is there already is not replaced', () => {
  expect(() => withDevice(text, { id: 'boiler', keys: {}, points: { flow: { node: 'i=9' } } })).toThrow(
    'boiler has these points already: flow',
  );
});

test('what is no configuration is not changed', () => {
  expect(() => withDevice('- a\n', { id: 'x', keys: {}, points: {} })).toThrow('no map');
  expect(() => withDevice('a: [', { id: 'x', keys: {}, points: {} })).toThrow();
});
