import { expect, test } from 'vitest';
import { faultsOf, loaded } from '../../support/configuration-files.ts';

const base = `
gateway: { id: g }
connections: { c: { driver: toy, transport: tcp, host: h } }
devices:
  boiler:
    connection: c
    points:
      setpoint: { read: holding 1, write: { min: 5, max: 60 } }
      mode: { read: holding 2, write: { values: [0, 1] } }
      flow: { read: input 3 }
`;

const withCommands = (commands: string): string =>
  `${base}destinations: { x: { url: "mqtt://h", commands: ${commands} } }\n`;

test('a destination without commands listens to none; with them, a rate and a validity are always set', async () => {
  const { configuration } = await loaded({ 'weir.yaml': `${base}destinations: { x: { url: "mqtt://h" } }` });
  expect(configuration.destinations[0]?.commands).toBeUndefined();
  const commanded = await loaded({ 'weir.yaml': withCommands('{ points: [boiler/setpoint] }') });
  expect(commanded.configuration.destinations[0]?.commands).toEqual({
    points: ['boiler/setpoint'],
    perMinute: 30,
    validity: 300_000,
  });
});

test.each([
  ['{ points: [boiler/setpiont] }', 'commands.points[0]: there is no point boiler/setpiont', 'boiler/setpoint'],
  ['{ points: [boiler/flow] }', 'commands.points[0]: boiler/flow may not be written', 'give the point `write`'],
  ['{ fallback: { after: 5m, values: { boiler/setpoint: 61 } } }', '61 is above 60', 'name a value that `write`'],
  ['{ fallback: { after: 5m, values: { boiler/setpoint: 4 } } }', '4 is below 5', 'name a value that `write`'],
  ['{ fallback: { after: 5m, values: { boiler/mode: 2 } } }', '2 is none of 0, 1', 'name a value that `write`'],
  ['{ perMinute: 1000 }', 'commands.perMinute', '120'],
  ['{ validity: 1h }', 'commands.validity', '15m'],
])('%s is refused in words that say what to do', async (commands, fault, hint) => {
  const { lines, code } = await faultsOf({ 'weir.yaml': withCommands(commands) });
  expect(code).toBe('configuration-invalid');
  expect(lines.join('\n')).toContain(fault);
  expect(lines.join('\n')).toContain(hint);
});

test('readings once more are for formats in which a centre can ask for them', async () => {
  const replay = 'commands: { replay: {} }';
  const allowed = await loaded({ 'weir.yaml': `${base}destinations: { x: { url: "mqtt://h", ${replay} } }\n` });
  expect(allowed.configuration.destinations[0]?.commands?.replay).toEqual({ perHour: 60 });
  const { lines } = await faultsOf({
    'weir.yaml': `${base}destinations: { x: { url: "mqtt://h", format: senml, ${replay} } }\n`,
  });
  expect(lines.join('\n')).toContain('commands.replay: is not for senml, which has no words to ask for it');
});
