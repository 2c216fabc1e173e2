import { dlms } from '../../drivers/dlms/driver.ts';
import type { DriverOf, ListeningSession } from '../../src/collect/driver.ts';
import { inFrames, inSegments, name, scale, structure, telegram, uint32 } from '../support/dlms-telegrams.ts';
import { listeningContract } from './listening.contract.ts';

// Heard, as far as this contract goes: what a driver that asks must do is in another.
const listening = dlms as DriverOf<unknown, unknown, unknown, ListeningSession>;

function apdu(energy: number, power: number): Buffer {
  return telegram(
    structure(
      name('0-0:96.1.0'),
      { type: 'string', text: '1WIR0000000042' },
      name('1-0:1.8.0'),
      uint32(energy),
      scale(-1, 30),
      name('1-0:16.7.0'),
      { type: 'int32', value: power },
      scale(0, 27),
    ),
  );
}

const spoken = (written: (apdu: Buffer) => readonly Buffer[]) => {
  const spoilt = Buffer.concat(written(apdu(1, 1)));
  spoilt.writeUInt8(spoilt.readUInt8(40) ^ 1, 40);
  return {
    telegrams: [
      Buffer.concat(written(apdu(224_624_136, -350))),
      Buffer.concat(written(apdu(224_624_137, 12))),
    ] as const,
    good: [
      { point: { obis: '1-0:1.8.0', unit: 'kW.h' }, value: 22_462.413_6 },
      { point: { obis: '1-0:16.7.0', unit: 'W' }, value: -350 },
      { point: { obis: '0-0:96.1.0' }, value: '1WIR0000000042' },
    ],
    unsent: { obis: '1-0:2.8.0' },
    spoilt,
  };
};

listeningContract(listening, { connection: { mode: 'push', framing: 'hdlc' }, ...spoken(inFrames) });
listeningContract(listening, {
  connection: { mode: 'push', framing: 'mbus' },
  ...spoken((bytes) => inSegments(bytes, 30)),
});
