import { describe, expect, test } from 'vitest';
import { givenTarget, openDirectly } from '../../../src/collect/direct.ts';
import type { Driver } from '../../../src/collect/driver.ts';
import { GatewayError, type ErrorCode } from '../../../src/model/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { alone, target } from '../../support/opened-bus.ts';
import { PlayedUnits } from '../../support/played-bus.ts';

const never = new AbortController().signal;

const rejection = (code: ErrorCode, message: string): Promise<never> => Promise.reject(new GatewayError(code, message));
const unplugged = (): Promise<never> => rejection('connection-lost', 'unplugged');

describe('a connection of its own', () => {
  test('is scanned at every speed, one connection after the other, and says where something was found', async () => {
    const units = new PlayedUnits();
    units.baud = 19_200;
    await using opened = await alone(units.driver);
    const steps = await Array.fromAsync(opened.commissioning.scan({ addresses: [7, 8], bauds: [19_200] }, never));
    expect(steps.map(({ done, total, found, settings }) => [done, total, found?.device, settings])).toEqual([
      [1, 4, undefined, { name: '9600 8N1', changed: {} }],
      [2, 4, undefined, { name: '9600 8N1', changed: {} }],
      [3, 4, { unit: 7 }, { name: '19200 8N1', changed: { baud: 19_200 } }],
      [4, 4, undefined, { name: '19200 8N1', changed: { baud: 19_200 } }],
    ]);
    expect(units.log.filter((entry) => !entry.startsWith('scan'))).toEqual([
      'open 9600',
      'close',
      'open 19200',
      'close',
    ]);
  });

  test('is not opened before it is needed, and closed with its owner', async () => {
    const units = new PlayedUnits();
    await using opened = await alone(units.driver);
    expect(units.open).toBe(0);
    await opened.commissioning.identify({}, never);
    await opened.commissioning.identify({}, never);
    expect(units.open).toBe(1);
    await opened[Symbol.asyncDispose]();
    expect(units.open).toBe(0);
    await expect(opened.commissioning.identify({}, never)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('that cannot be made says why', async () => {
    const { driver } = new PlayedUnits();
    await using opened = await alone({ ...driver, open: () => rejection('connection-failed', 'nobody listens') });
    await expect(opened.commissioning.identify({}, never)).rejects.toThrow('nobody listens');
  });

  test('that breaks is made anew by the next request', async () => {
    const units = new PlayedUnits();
    const clock = new FakeClock();
    let breaks = true;
    const driver: Driver = {
      ...units.driver,
      open: async (...context) => {
        const session = await units.driver.open(...context);
        return breaks ? { read: unplugged, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() } : session;
      },
    };
    await using direct = openDirectly(target(driver), { clock, observe: () => undefined });
    const asked = { device: {}, points: { a: {} } };
    await expect(direct.commissioning.readAdHoc(asked, never)).rejects.toThrow('unplugged');
    expect(units.open).toBe(0);
    breaks = false;
    expect(await direct.commissioning.readAdHoc(asked, never)).toHaveLength(1);
  });

  test('tells who loses patience at once, and does one thing after the other', async () => {
    const units = new PlayedUnits();
    const clock = new FakeClock();
    const reading = Promise.withResolvers<void>();
    const driver: Driver = {
      ...units.driver,
      open: async (...context) => ({
        ...(await units.driver.open(...context)),
        identify: async () => {
          await reading.promise;
          return { facts: [] };
        },
      }),
    };
    await using direct = openDirectly(target(driver), { clock, observe: () => undefined });
    const patience = new AbortController();
    const first = expect(direct.commissioning.identify({}, patience.signal)).rejects.toThrow('Ctrl-C');
    const second = direct.commissioning.identify({}, never);
    patience.abort(new Error('Ctrl-C'));
    await first;
    reading.resolve();
    expect(await second).toEqual({ facts: [] });
  });

  const loaders = { scripted: () => Promise.resolve<Driver>(new PlayedUnits().driver) };

  test('need not be configured: its driver and the keys of it are enough', async () => {
    expect(await givenTarget('scripted', { baud: 19_200 }, loaders)).toMatchObject({
      id: 'scripted',
      settings: { baud: 19_200 },
    });
  });

  test.each([
    ['scriptde', {}, 'there is no driver scriptde; did you mean scripted?'],
    ['scripted', { baud: 'fast' }, 'baud: "fast" is not a number'],
    ['scripted', { bauds: 9_600 }, 'bauds: is no known key; did you mean baud?'],
  ])('with the driver %s and %o is refused', async (driver, keys, message) => {
    await expect(givenTarget(driver, keys, loaders)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    });
  });
});
