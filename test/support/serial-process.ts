import { systemClock } from '../../src/model/clock.ts';
import { openSerial } from '../../src/wire/serial.ts';
import { serialTarget } from './serial-line.ts';

// What a port does in a process of its own, whose system calls can be tampered with: `node serial-process.ts TASK PATH`
// prints how it ended, `done` or the error, and how many milliseconds each step took; then it dies, for a thread that
// hangs in a call would keep it from leaving.

const [task = '', path = ''] = process.argv.slice(2);
const never = new AbortController().signal;
const steps: number[] = [];

async function timed(work: PromiseLike<unknown>): Promise<void> {
  const began = performance.now();
  try {
    await work;
  } finally {
    steps.push(Math.round(performance.now() - began));
  }
}

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  close: async () => {
    const wire = await openSerial(serialTarget(path), systemClock, never);
    wire.listen({ received: () => undefined, lost: () => undefined });
    await timed(wire[Symbol.asyncDispose]());
    await timed(openSerial(serialTarget(path, { timeout: 300 }), systemClock, never));
  },
  drain: async () => {
    const wire = await openSerial(serialTarget(path), systemClock, never);
    wire.send(Buffer.from('question'));
    try {
      await timed(wire.drained(never));
    } finally {
      await timed(wire[Symbol.asyncDispose]());
    }
  },
  rs485: async () => {
    const rs485 = { rtsOnSend: true, delayBefore: 1, delayAfter: 2 };
    await using _ = await openSerial(serialTarget(path, { rs485 }), systemClock, never);
  },
  open: async () => {
    await using _ = await openSerial(serialTarget(path, { timeout: 1_500 }), systemClock, never);
  },
};

const outcome = await tasks[task]?.().then(
  () => 'done',
  (error: Error) => error.message,
);
process.stdout.write(JSON.stringify({ outcome, steps }), () => process.kill(process.pid, 'SIGKILL'));
