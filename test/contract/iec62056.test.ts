import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { iec62056 } from '../../drivers/iec62056/driver.ts';
import { ReadoutListener } from '../support/played-readout.ts';
import { driverContract, type FarEnd, type FarEndManner } from './driver.contract.ts';
import { listeningContract } from './listening.contract.ts';

const METER = {
  identification: 'WIR5TEST-METER',
  lines: ['C.1.0(00004711)', '1.8.0(001234.567*kWh)', '1.6.0(02.468*kW)(1703100930)', '96.14.0(two)'],
};

driverContract(iec62056, async (): Promise<FarEnd> => {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  let manner: FarEndManner = 'honest';
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const listener = new ReadoutListener(METER);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      server.emit('quiet');
    });
    socket.on('data', (bytes) => {
      const answer = listener.answer(bytes);
      if (answer === undefined) return;
      asked.push(answer.kind);
      server.emit('asked');
      void speak(socket, answer.bytes, manner, server);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    // A line is quiet for 100 ms before it is spoken to.
    gap: 100,
    connection: {
      transport: 'tcp',
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      answerTimeout: '1s',
    },
    device: { timezone: 'UTC' },
    good: [
      { point: { obis: '1-0:1.8.0', unit: 'kW.h' }, value: 1_234.567 },
      { point: { obis: '1-0:1.6.0', unit: 'W' }, value: 2_468 },
      { point: { obis: '0-0:96.1.0' }, value: '00004711' },
    ],
    refused: { obis: '1-0:2.8.0' },
    undecodable: { point: { obis: '0-0:96.14.0' }, reason: 'type-mismatch' },
    asked,
    async untilAsked(count) {
      while (asked.length < count) await once(server, 'asked');
    },
    async untilQuiet() {
      while (sockets.size > 0) await once(server, 'quiet');
    },
    play: (next) => {
      manner = next;
    },
    [Symbol.asyncDispose]: close,
  };
});

async function speak(
  socket: Socket,
  answer: Buffer,
  manner: FarEndManner,
  server: ReturnType<typeof createServer>,
): Promise<void> {
  if (manner === 'silent') return;
  if (manner === 'garbage') return void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  if (manner === 'doubled') return void socket.write(Buffer.concat([answer, answer]));
  if (manner === 'breaking') return void socket.write(answer.subarray(0, 5), () => socket.resetAndDestroy());
  if (manner === 'leaving') {
    server.close();
    socket.destroy();
    return;
  }
  const size = typeof manner === 'object' ? manner.pieces : answer.length;
  for (let start = 0; start < answer.length; start += size) {
    socket.write(answer.subarray(start, start + size));
    await turnOfTheLoop();
  }
}

const push = (energy: string, power: string): Buffer =>
  Buffer.from(
    `/WIR5PUSH-METER\r\n\r\n1-0:0.0.0*255(4711)\r\n1-0:1.8.0*255(${energy}*kWh)\r\n1-0:16.7.0*255(${power}*W)\r\n!\r\n`,
  );

listeningContract(iec62056, {
  connection: { mode: 'D' },
  telegrams: [push('00026107.7034231', '000336.45'), push('00026107.7034232', '-00012.00')],
  good: [
    { point: { obis: '1-0:1.8.0', unit: 'kW.h' }, value: 26_107.703_423_1 },
    { point: { obis: '1-0:16.7.0', unit: 'W' }, value: 336.45 },
    { point: { obis: '1-0:0.0.0' }, value: '4711' },
  ],
  unsent: { obis: '1-0:2.8.0' },
  spoilt: Buffer.from(push('1', '2').toString('latin1').replace('kWh)', 'kWh')),
});
