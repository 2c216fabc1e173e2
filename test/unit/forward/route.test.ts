import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Route } from '../../../src/forward/route.ts';
import { systemClock, type Clock } from '../../../src/model/clock.ts';
import { freePort } from '../../support/free-port.ts';

/** The system's clock, but minutes of waiting are over at once. */
const hurried: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds >= 60_000 ? 5 : milliseconds, signal),
};

test('the next broker follows the one that failed, and the first the last', () => {
  const route = new Route(['mqtt://a', 'mqtt://b', 'mqtt://c']);
  const seen = [route.url];
  for (let failure = 0; failure < 3; failure += 1) {
    route.failed();
    seen.push(route.url);
  }
  expect(seen).toEqual(['mqtt://a', 'mqtt://b', 'mqtt://c', 'mqtt://a']);
});

test('an end that was wished for stays with its broker', () => {
  const route = new Route(['mqtt://a', 'mqtt://b']);
  route.failed();
  route.stay();
  route.failed();
  expect(route.url).toBe('mqtt://b');
  route.failed();
  expect(route.url).toBe('mqtt://a');
});

test('the first broker is returned to once it listens again', async () => {
  const port = await freePort();
  const route = new Route([`mqtt://127.0.0.1:${port}`, 'mqtt://b', 'mqtt://c']);
  route.failed();
  const server = createServer((socket) => socket.destroy());
  const { promise: back, resolve } = Promise.withResolvers<void>();
  const stop = route.probeFirst(hurried, () => resolve());
  server.listen(port, '127.0.0.1');
  await back;
  stop();
  route.failed();
  expect(route.url).toBe(`mqtt://127.0.0.1:${port}`);
  server.close();
  await once(server, 'close');
});

test('nothing is looked for while the first one is used', () => {
  const route = new Route(['mqtt://a', 'mqtt://b']);
  expect(route.probeFirst(hurried, () => expect.fail('it is used already'))()).toBeUndefined();
});
