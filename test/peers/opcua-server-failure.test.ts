import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { scriptedDriver } from '../support/scripted-driver.ts';
import { startedGateway } from '../support/started-gateway.ts';

test('a server whose port somebody else has is lost by name, and up once the port is free', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const address = squatter.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const driver = scriptedDriver({ read: async () => [] });
  await using gateway = await startedGateway(driver, {
    connections: { basement: { driver: 'scripted' } },
    servers: {
      scada: {
        protocol: 'opcua',
        host: '127.0.0.1',
        port,
        security: { anonymous: true, allowInsecure: 'a test on the loopback' },
      },
    },
  });
  await gateway.untilTold('server-lost');
  const lost = gateway.told.find(({ event }) => event === 'server-lost')?.fields;
  expect(lost).toMatchObject({ server: 'scada', error: expect.stringContaining(String(port)) });
  expect(lost?.['error']).toMatch(/another program|in use/);
  expect(gateway.told.some(({ event }) => event === 'server-up')).toBe(false);
  squatter.close();
  await gateway.untilTold('server-up');
  expect(gateway.told.filter(({ event }) => event === 'server-lost')).toHaveLength(1);
}, 60_000);
