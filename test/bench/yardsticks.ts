import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import modbusSerial from 'modbus-serial';

// What this machine can do at this moment, without Weir: figures are only worth something beside these.

const SPAN = 2_000;

/** Bare modbus-serial, one request after the other, the values thrown away. */
export async function bareModbus(port: number, registers: number): Promise<{ values: number; cpuPerMillion: number }> {
  const client = new modbusSerial.default();
  await client.connectTCP('127.0.0.1', { port });
  client.setTimeout(1_000);
  const cpu = process.cpuUsage();
  const began = performance.now();
  let values = 0;
  while (performance.now() - began < SPAN) values += (await client.readInputRegisters(0, registers)).data.length;
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  client.close(() => undefined);
  return { values: values / seconds, cpuPerMillion: (user + system) / values };
}

/** Durable writes of 4 KiB per second: the disk's own limit on commits. */
export function durableWrites(folder: string): number {
  const path = join(folder, 'yardstick');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096, 1);
  const began = performance.now();
  let writes = 0;
  while (performance.now() - began < SPAN / 4) {
    writeSync(file, page);
    fdatasyncSync(file);
    writes += 1;
  }
  const seconds = (performance.now() - began) / 1_000;
  closeSync(file);
  rmSync(path);
  return writes / seconds;
}

/** Readings per second that `JSON.stringify` turns into text, in the shape that we send. */
export function bareJson(): number {
  const readings = Array.from({ length: 1_000 }, (_, seq) => ({
    seq,
    point: `device-${seq % 10}/register-${seq % 100}`,
    time: '2026-11-22T09:15:00.000Z',
    value: seq / 10,
    quality: 'good',
  }));
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < SPAN / 4) count += JSON.stringify(readings).length > 0 ? readings.length : 0;
  return (count * 1_000) / (performance.now() - began);
}
