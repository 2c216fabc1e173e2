import { expect, test } from 'vitest';
import type { AnySession, ListeningSession, Session } from '../../../src/collect/driver.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { Collecting, deviceSetup } from '../../support/collecting.ts';
import { goodReadings, listeningDriver } from '../../support/scripted-driver.ts';

const never = new AbortController().signal;

const listen: ListeningSession['listen'] = async function* listen(signal) {
  yield { device: 'plant', readings: [] };
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
};

/** A session that says nothing by itself until the test has it say that all is well, and answers with 7. */
function quietDriver(asked: string[]) {
  const read: Session['read'] = (_device, points) => {
    asked.push('read');
    return Promise.resolve(goodReadings(points, 7, 0));
  };
  const write: Session['write'] = (_device, writes) => {
    asked.push('write');
    return Promise.resolve(
      goodReadings(
        writes.map(({ point }) => point),
        8,
        0,
      ),
    );
  };
  const driver = listeningDriver({ listen });
  const open = async (): Promise<AnySession> => ({
    listen,
    read,
    write,
    watchesSilence: true,
    [Symbol.asyncDispose]: async () => undefined,
  });
  return { ...driver, open };
}

test('a session that is listened to and can be asked is asked in between, writes first', async () => {
  const asked: string[] = [];
  const setup = deviceSetup('plant', { every: 1_000, write: {} });
  await using collecting = new Collecting([setup], quietDriver(asked));
  await collecting.clock.advance(1);
  const device = collecting.device('plant');
  const [point] = device.points;
  if (point === undefined) throw new Error('it has a point');
  const readings = collecting.collector.read(device, device.points, never);
  const written = collecting.collector.write(device.driver, [{ point, value: 8 }], never);
  await collecting.clock.advance(1);
  expect((await readings).map(({ value }) => value)).toEqual([7]);
  expect((await written).map(({ value }) => value)).toEqual([8]);
  expect(asked).toHaveLength(2);
});

test('where the session watches silence itself, a device that has nothing to say is not lost', async () => {
  await using collecting = new Collecting([deviceSetup('plant', { every: 1_000 })], quietDriver([]));
  await collecting.clock.advance(3_600_000);
  expect(collecting.statusOf('plant')).toMatchObject({ state: 'up', failures: 0 });
  expect(collecting.recorded).toEqual([]);
});

test('a request that shows that the session is of no more use ends it', async () => {
  const driver = quietDriver([]);
  const broken = {
    ...driver,
    open: async () => ({
      ...(await driver.open()),
      read: () => Promise.reject(new GatewayError('connection-lost', 'gone')),
    }),
  };
  const setup = deviceSetup('plant', { every: 1_000 });
  await using collecting = new Collecting([setup], broken);
  await collecting.clock.advance(1);
  const device = collecting.device('plant');
  const refused = expect(collecting.collector.read(device, device.points, never)).rejects.toThrow('gone');
  await collecting.clock.advance(1);
  await refused;
  expect(collecting.events).toContain('connection-lost');
});
