import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/model/errors.ts';
import { Collecting, describingDevice, deviceSetup } from '../../support/collecting.ts';
import { goodReadings, scriptedDriver, type Script } from '../../support/scripted-driver.ts';

const MINUTE = 60_000;
const NEVER = new AbortController().signal;

/** A meter that wants another password until it is `right`, and counts who knocks; its neighbour is open to all. */
class Locked {
  right = false;
  knocks = 0;
  readonly collecting: Collecting;

  constructor(meter = deviceSetup('meter')) {
    const script: Script = {
      read: async (device, points, { clock }) => {
        if (device.id === 'meter') this.#knock();
        return goodReadings(points, 1, clock.monotonic());
      },
      discover: async () => {
        this.#knock();
        return [{ name: 'energy', address: {} }];
      },
    };
    this.collecting = new Collecting([meter, deviceSetup('neighbour')], scriptedDriver(script));
  }

  #knock(): void {
    this.knocks += 1;
    if (!this.right) throw new GatewayError('access-refused', 'meter refuses the association: the password is wrong');
  }

  get status() {
    return this.collecting.statusOf('meter');
  }

  async read(): Promise<unknown> {
    const device = this.collecting.device('meter');
    const reading = this.collecting.collector.read(device, device.points, NEVER);
    reading.catch(() => undefined);
    await this.collecting.clock.advance(0);
    return reading;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.collecting[Symbol.asyncDispose]();
  }
}

test('a device that does not let us in is left alone for a quarter of an hour; its neighbour is read on', async () => {
  await using locked = new Locked();
  const { collecting } = locked;
  await collecting.clock.advance(13 * MINUTE);
  expect(locked.knocks).toBe(1);
  expect(locked.status).toMatchObject({ state: 'lost', reason: 'refused', errorCode: 'access-refused', bad: 1 });
  expect(locked.status?.error).toContain('the password is wrong. Check as whom we ask');
  const wait = Date.parse(locked.status?.nextTry ?? '') - collecting.clock.wall();
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThan(4 * MINUTE);
  expect(collecting.events.filter((event) => event === 'device-refuses')).toHaveLength(1);
  expect(collecting.statusOf('neighbour')).toMatchObject({ state: 'up', nextTry: null });
  expect(collecting.statusOf('neighbour')?.polls).toBeGreaterThan(700);
  await collecting.clock.advance(4 * MINUTE);
  expect(locked.knocks).toBe(2);
  locked.right = true;
  await collecting.clock.advance(60 * MINUTE);
  expect(locked.status).toMatchObject({ state: 'up', error: null, errorCode: null, nextTry: null, bad: 0 });
  expect(collecting.events).toContain('device-back');
});

test('whoever reads such a device now has it tried at once, and it is polled again where it lets us in', async () => {
  await using locked = new Locked();
  await locked.collecting.clock.advance(MINUTE);
  await expect(locked.read()).rejects.toMatchObject({ code: 'access-refused' });
  expect(locked.knocks).toBe(2);
  locked.right = true;
  expect(await locked.read()).toMatchObject([{ quality: 'good' }]);
  await locked.collecting.clock.advance(10_000);
  expect(locked.status?.state).toBe('up');
  expect(locked.knocks).toBeGreaterThan(10);
});

test('one that is to say what it holds is tried at once as well', async () => {
  await using locked = new Locked(describingDevice('meter'));
  await locked.collecting.clock.advance(10 * MINUTE);
  expect(locked.knocks).toBe(1);
  locked.right = true;
  locked.collecting.collector.retry(locked.collecting.device('meter'));
  await locked.collecting.clock.advance(2_000);
  expect(locked.status).toMatchObject({ state: 'up', points: 1 });
});
