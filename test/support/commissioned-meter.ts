import { once } from 'node:events';
import modbusSerial from 'modbus-serial';
import { freePort } from './free-port.ts';

/** What the device at unit 7 holds: a meter with a setpoint, as a technician would find it. */
const HELD: Readonly<Record<number, number>> = {
  ...words(100, float32(230.1)), // in the usual order
  ...words(102, float32(49.98), 'swapped'),
  104: 2301,
  ...words(110, Buffer.from('SDM-X1\0\0')),
  120: 450, // the setpoint
  121: 50, // takes 100 at most, whatever is written
};

const SETPOINTS: readonly number[] = [120, 121];
const COUNTER = 130;

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return bytes;
}

function words(first: number, bytes: Buffer, order?: 'swapped'): Readonly<Record<number, number>> {
  const values = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(index * 2));
  if (order === 'swapped') values.reverse();
  return Object.fromEntries(values.map((value, index) => [first + index, value]));
}

function refuse(exception: number): Promise<never> {
  // oxlint-disable-next-line prefer-promise-reject-errors -- how modbus-serial is told the exception code
  return Promise.reject({ modbusErrorCode: exception });
}

export interface CommissionedMeter extends AsyncDisposable {
  readonly port: number;
  /** What a holding register holds now. */
  register(address: number): number | undefined;
  /** Every write that came over the wire, also those that were refused: address, or coil, and value. */
  readonly writes: readonly (readonly [place: string, value: number | boolean])[];
  /** Reads that came over the wire, by register. */
  readonly reads: number;
}

/**
 * A Modbus TCP device at unit 7, played by modbus-serial's own server: it stays silent to all other units, refuses what
 * it has not, counts in register 130 how often that is read, and says that it is an ACME X1.
 */
export async function startCommissionedMeter(): Promise<CommissionedMeter> {
  const port = await freePort();
  const registers = new Map(Object.entries(HELD).map(([address, value]) => [Number(address), value]));
  const writes: (readonly [string, number | boolean])[] = [];
  let isOn = false;
  let reads = 0;
  let counted = 0;
  const read = (address: number): Promise<number> => {
    reads += 1;
    const value = address === COUNTER ? (counted += 1) : registers.get(address);
    return value === undefined ? refuse(2) : Promise.resolve(value);
  };
  const identity = { 0: 'ACME Instruments', 1: 'X1', 2: '1.4' };
  const device = {
    getHoldingRegister: read,
    getInputRegister: read,
    getCoil: (address: number) => (address === 3 ? Promise.resolve(isOn) : refuse(2)),
    setCoil: (address: number, value: boolean) => {
      writes.push([`coil ${address}`, value]);
      if (address !== 3) return refuse(2);
      isOn = value;
      return Promise.resolve();
    },
    setRegister: (address: number, value: number) => {
      writes.push([`holding ${address}`, value]);
      if (!SETPOINTS.includes(address)) return refuse(2);
      registers.set(address, address === 121 ? Math.min(value, 100) : value);
      return Promise.resolve();
    },
    readDeviceIdentification: () => Promise.resolve(identity), // which its types do not know of
  };
  const server = new modbusSerial.ServerTCP(device, { host: '127.0.0.1', port, unitID: 7 });
  await once(server, 'initialized');
  return {
    port,
    register: (address) => registers.get(address),
    writes,
    get reads() {
      return reads;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
