import { Transactions } from '../../drivers/modbus/frame.ts';
import { TcpPort } from '../../drivers/modbus/port.ts';
import type { Wire } from '../../src/wire/wire.ts';

/** A port of the modbus driver whose wire ends in the hands of a test. */
export type HeldPort = {
  readonly port: TcpPort;
  /** Frames sent, as hexadecimal text. */
  readonly sent: readonly string[];
  /** RTU answers that got through to the library, as hexadecimal text. */
  readonly delivered: readonly string[];
  /** Why something was not an answer. */
  readonly oddities: readonly string[];
};

export function holdPort(transactions: Transactions): HeldPort {
  const sent: string[] = [];
  const delivered: string[] = [];
  const oddities: string[] = [];
  let open = true;
  const wire: Wire = {
    get open() {
      return open;
    },
    listen: () => undefined,
    send: (bytes) => {
      sent.push(bytes.toString('hex'));
    },
    destroy: () => {
      open = false;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const port = new TcpPort(wire, transactions, {
    late: () => oddities.push('late'),
    spoilt: (reason) => oddities.push(reason),
  });
  port.on('data', (answer) => delivered.push(answer.toString('hex')));
  return { port, sent, delivered, oddities };
}
