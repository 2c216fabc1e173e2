import { expect, test } from 'vitest';
import { dlms } from '../../drivers/dlms/driver.ts';
import type { FrameTap } from '../../src/wire/trace.ts';
import type { Session } from '../../src/collect/driver.ts';
import { systemClock } from '../../src/model/clock.ts';
import { dlmsDevice } from '../support/dlms-session.ts';
import { plugInDlms, type OpticalDlms } from '../support/optical-dlms.ts';
import { describeWith } from '../support/peers.ts';

const NEVER = new AbortController().signal;

const METER = dlmsDevice({}, [{ obis: '1-0:32.7.0', unit: 'V' }, { obis: '0-0:96.1.0' }]);

type Opened = { readonly session: Session; readonly meanings: string[] } & AsyncDisposable;

async function open({ path }: OpticalDlms, settings: object = {}): Promise<Opened> {
  const keys = { transport: 'serial', path, opening: 'mode-e', timeout: '2s', ...settings };
  const meanings: string[] = [];
  const tap: FrameTap = { listener: ({ meaning }) => meanings.push(meaning) };
  const context = {
    clock: systemClock,
    connection: 'head',
    observe: () => undefined,
    answered: () => undefined,
    tap,
  };
  const session = await dlms.open(dlms.schemas.connection.parse(keys), [METER], context, NEVER);
  if (!('read' in session)) throw new TypeError('it listens');
  return { session, meanings, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

async function read({ session }: Opened): Promise<readonly string[]> {
  return (await session.read(METER, METER.points, NEVER)).map(({ quality, reason }) => reason ?? quality);
}

describeWith('socat', 'DLMS at an optical head', () => {
  test('signs on at 300 Bd and goes on in HDLC at the speed that the meter offers, once', async () => {
    await using meter = await plugInDlms();
    await using opened = await open(meter);
    expect(await read(opened)).toEqual(['good', 'good']);
    expect(await read(opened)).toEqual(['good', 'good']);
    expect(meter.speeds).toEqual([300, 9_600]);
    expect(opened.meanings.slice(0, 5)).toEqual([
      'who is there?',
      'WIR5\\2PLAYED-METER: mode C, up to 9600 Bd',
      'HDLC at 9600 Bd',
      'confirmed',
      'SNRM to 03',
    ]);
  });

  test('says who signed on, and signs on again over a line that was closed', async () => {
    await using meter = await plugInDlms();
    for (let times = 0; times < 2; times += 1) {
      await using opened = await open(meter);
      const identity = await opened.session.identify?.(METER, NEVER);
      expect(identity?.facts[0]).toEqual({ name: 'identification', value: 'WIR5\\2PLAYED-METER' });
      expect(identity?.facts.map(({ name }) => name)).toContain('logical device');
    }
    expect(meter.speeds).toEqual([300, 9_600, 300, 9_600]);
  });

  test('goes no faster than it may, and reads a meter that does not confirm the choice', async () => {
    await using meter = await plugInDlms({ unconfirming: true });
    await using opened = await open(meter, { baud: 2_400 });
    expect(await read(opened)).toEqual(['good', 'good']);
    expect(meter.speeds).toEqual([300, 2_400]);
  });

  test('asks again a meter that is silent at first, as often as it may', async () => {
    await using meter = await plugInDlms({ mute: 1 });
    await using opened = await open(meter, { retries: 1 });
    expect(await read(opened)).toEqual(['good', 'good']);
    await using mute = await plugInDlms({ mute: 1 });
    await using impatient = await open(mute, { retries: 0 });
    expect(await read(impatient)).toEqual(['no-answer', 'no-answer']);
  });

  test('leaves alone a meter that offers no HDLC, and says what reads it', async () => {
    await using meter = await plugInDlms({ identification: 'ISK5MT174-0001' });
    await using opened = await open(meter);
    await expect(opened.session.identify?.(METER, NEVER)).rejects.toThrow(
      'meter signs on as ISK5MT174-0001 and offers no HDLC (mode E): the driver iec62056-21 reads such meters',
    );
  });
});

test('a line of mode E has one meter', async () => {
  const keys = { transport: 'serial', path: '/dev/null', opening: 'mode-e' };
  const context = {
    clock: systemClock,
    connection: 'head',
    observe: () => undefined,
    answered: () => undefined,
    tap: { listener: undefined },
  };
  const devices = [METER, { ...METER, id: 'other' }];
  await expect(dlms.open(dlms.schemas.connection.parse(keys), devices, context, NEVER)).rejects.toThrow(
    'other: with mode E a line has one meter, here meter',
  );
});
