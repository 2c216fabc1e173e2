import { createServer, type Socket } from 'node:net';

// A Modbus TCP device that costs next to nothing, in a process of its own: every register of every unit can be read,
// and holds a counter that moves with each answer. Prints its port.

const HEADER = 7; // MBAP: transaction, protocol, length, unit
const REQUEST = HEADER + 5; // function, address, quantity

let round = 0;

function answer(request: Buffer, at: number): Buffer {
  const quantity = request.readUInt16BE(at + HEADER + 3);
  const bytes = quantity * 2;
  const response = Buffer.allocUnsafe(HEADER + 2 + bytes);
  request.copy(response, 0, at, at + HEADER + 1);
  response.writeUInt16BE(3 + bytes, 4);
  response[HEADER + 1] = bytes;
  round = (round + 1) & 0xffff;
  for (let offset = HEADER + 2; offset < response.length; offset += 2) response.writeUInt16BE(round, offset);
  return response;
}

function serve(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const buffer = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const whole = Math.floor(buffer.length / REQUEST);
    const answers = Array.from({ length: whole }, (_, index) => answer(buffer, index * REQUEST));
    held = buffer.subarray(whole * REQUEST);
    if (answers.length > 0) socket.write(answers.length === 1 ? (answers[0] ?? '') : Buffer.concat(answers));
  });
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
