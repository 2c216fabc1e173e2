import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connectControl } from '../../control/client.ts';
import type { GatewayControl } from '../../control/control.ts';
import type { Clock } from '../../model/clock.ts';
import { GatewayError } from '../../model/errors.ts';

const LONGEST_START = 60_000; // milliseconds: a small board that is busy with something else
const LONGEST_STOP = 10_000;
const LOOK_EVERY = 50;

/** The real daemon, in a process of its own. */
export interface DemoDaemon extends AsyncDisposable {
  readonly control: GatewayControl;
  /** Ends it as the service manager would; resolves once it is gone. */
  stop(): Promise<void>;
}

/** Starts `weir run` over `configuration`, its log going to `log`; resolves once its socket answers. */
export async function startDaemon(
  { configuration, socket, log }: { configuration: string; socket: string; log: string },
  clock: Clock,
): Promise<DemoDaemon> {
  const [, launcher = ''] = process.argv;
  const child = spawn(process.execPath, [launcher, 'run', '--config', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.pipe(createWriteStream(log));
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const cancel = clock.after(LONGEST_STOP, () => child.kill('SIGKILL'));
    await exited;
    cancel();
  };
  const control = await answering(() => child.exitCode === null, socket, clock).catch(async (error: unknown) => {
    await stop();
    throw new GatewayError('failed', `the daemon did not start, see ${log}`, { cause: error });
  });
  return { control, stop, [Symbol.asyncDispose]: stop };
}

async function answering(alive: () => boolean, socket: string, clock: Clock): Promise<GatewayControl> {
  const never = new AbortController().signal;
  const deadline = clock.monotonic() + LONGEST_START;
  for (;;) {
    try {
      return await connectControl(socket, clock);
    } catch (error) {
      if (!alive() || clock.monotonic() > deadline) throw error;
      await clock.sleep(LOOK_EVERY, never);
    }
  }
}
