import { dlms } from '../../drivers/dlms/driver.ts';
import type { Session } from '../../src/collect/driver.ts';
import type { DriverOf } from '../../src/collect/driver.ts';
import { holding, playDlms } from '../support/played-dlms.ts';
import { driverContract, type FarEnd } from './driver.contract.ts';

const name = { type: 'octets', bytes: Buffer.from('WIR0000000000001') } as const;

const objects = [
  holding(1, '0-0:42.0.0', name),
  holding(1, '0-0:96.1.0', { type: 'string', text: '00012345' }),
  holding(3, '1-0:1.8.0', { type: 'uint32', value: 123_456_789 }, [1, 30]),
  holding(3, '1-0:32.7.0', { type: 'uint16', value: 2_301 }, [-1, 35]),
  holding(4, '1-0:1.6.0', { type: 'int32', value: -15 }, [0, 27]),
  holding(3, '1-0:14.7.0', { type: 'array', items: [] }, [-2, 44]),
];

// Polled, as far as this contract goes: what a driver that listens must do is in another.
const polled = dlms as DriverOf<unknown, unknown, unknown, Session>;

for (const framing of ['wrapper', 'hdlc'] as const) {
  driverContract(
    polled,
    async (): Promise<FarEnd> => {
      const device = framing === 'hdlc' ? { physical: 17, client: 32 } : { client: 32 };
      const played = await playDlms({ framing, device, server: { objects } });
      return {
        connection: { transport: 'tcp', framing, host: '127.0.0.1', port: played.port, timeout: '1s', retries: 0 },
        device,
        good: [
          { point: { obis: '1-0:1.8.0', unit: 'kW.h' }, value: 1_234_567.89 },
          { point: { obis: '1.0.32.7.0.255' }, value: 230.1 },
          { point: { obis: '1-0:1.6.0', object: 'extended-register' }, value: -15 },
          { point: { obis: '0-0:96.1.0' }, value: '00012345' },
        ],
        refused: { obis: '1-0:2.8.0' },
        undecodable: { point: { obis: '1-0:14.7.0' }, reason: 'type-mismatch' },
        asked: played.asked,
        untilAsked: (count) => played.untilAsked(count),
        untilQuiet: () => played.untilQuiet(),
        play: (manner) => {
          played.manner = manner;
        },
        [Symbol.asyncDispose]: () => played[Symbol.asyncDispose](),
      };
    },
    ` over ${framing}`,
  );
}
