import { spawn } from 'node:child_process';
import type { Clock } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import type { Report } from './events.ts';

/** Tells the service manager how the gateway is (sd_notify(3)). Nothing here throws or waits; no manager, no effect. */
export interface Notifier extends AsyncDisposable {
  /** The gateway has started: what waits for the unit may go on. */
  ready(): void;
  /** One line for `systemctl status`. */
  status(text: string): void;
  /** The gateway has begun to stop. */
  stopping(): void;
  /**
   * From now on tells the watchdog, every third of its time, that the gateway makes progress, unless `stalled` says why
   * it does not. The call itself proves that the event loop turns.
   */
  watch(stalled: () => string | undefined): void;
  /** Ends the watch; resolves once the last message has gone out or failed. */
  [Symbol.asyncDispose](): Promise<void>;
}

const silent: Notifier = {
  ready: () => undefined,
  status: () => undefined,
  stopping: () => undefined,
  watch: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

type Assignments = Readonly<Record<string, string>>;

type Surroundings = {
  readonly clock: Clock;
  /** The process's environment: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as systemd sets them. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly report: Report;
};

/** A notifier for the service manager that started this process; one that does nothing where none did. */
export function createNotifier({ clock, environment, report }: Surroundings): Notifier {
  if (environment['NOTIFY_SOCKET'] === undefined) return silent;
  const tell = createMessenger({ clock, environment, report });
  // Every sign of life repeats it: a message that was lost does no lasting harm.
  let state: Assignments = {};
  let cancelBeat: (() => void) | undefined;
  const become = (assignments: Assignments): void => {
    state = { ...state, ...assignments };
    void tell(assignments);
  };
  return {
    ready: () => become({ READY: '1' }),
    status: (text) => become({ STATUS: text }),
    stopping: () => become({ STOPPING: '1' }),
    watch(stalled) {
      const period = watchdogMilliseconds(environment) / 3;
      if (!(period > 0)) return;
      let stalledBefore = false;
      const beat = (): void => {
        const reason = stalled();
        if (reason !== undefined && !stalledBefore) report('progress-stopped', { reason });
        void tell(reason === undefined ? { ...state, WATCHDOG: '1' } : { STATUS: `no progress: ${reason}` });
        stalledBefore = reason !== undefined;
        cancelBeat = clock.after(period, beat);
      };
      beat();
    },
    [Symbol.asyncDispose]() {
      cancelBeat?.();
      return tell({});
    },
  };
}

/** How long the watchdog waits for a sign of life; NaN where nobody watches this process. */
function watchdogMilliseconds(environment: Surroundings['environment']): number {
  const watched = environment['WATCHDOG_PID'] ?? String(process.pid);
  return watched === String(process.pid) ? Number(environment['WATCHDOG_USEC']) / 1000 : Number.NaN;
}

/**
 * One message at a time. What comes meanwhile is merged into the next, the newest value winning, so that a service
 * manager that does not listen costs one process and a few strings. Resolves when nothing is left to say.
 */
function createMessenger({ clock, environment, report }: Surroundings): (assignments: Assignments) => Promise<void> {
  let waiting: Assignments = {};
  let sending: Promise<void> | undefined;
  let failed = false;

  const sendAll = async (): Promise<void> => {
    // Whatever is said in one turn of the loop goes out together.
    await Promise.resolve();
    while (Object.keys(waiting).length > 0) {
      const message = waiting;
      waiting = {};
      const error = await send(message, clock, environment);
      if (error !== undefined && !failed) report('notify-failed', { error });
      failed = error !== undefined;
    }
    sending = undefined;
  };

  return (assignments) => {
    waiting = { ...waiting, ...assignments };
    sending ??= sendAll();
    return sending;
  };
}

// systemd-notify itself waits 5 s until the manager has taken the message.
const LONGEST_SEND = 10_000;

/** Sends one message; resolves with what went wrong. Node has no Unix datagram sockets, so systemd's own program does it. */
function send(
  message: Assignments,
  clock: Clock,
  { PATH, NOTIFY_SOCKET }: Surroundings['environment'],
): Promise<string | undefined> {
  // A line break would begin another assignment.
  const words = Object.entries(message).map(([name, value]) => `${name}=${value.replace(/\s+/g, ' ')}`);
  return new Promise((resolve) => {
    // Nothing else of the environment: it may hold secrets.
    const child = spawn('systemd-notify', words, { env: { PATH, NOTIFY_SOCKET }, stdio: 'ignore' });
    const cancel = clock.after(LONGEST_SEND, () => child.kill('SIGKILL'));
    const settle = (error: string | undefined): void => {
      cancel();
      resolve(error);
    };
    child.once('error', (error) => settle(messageOf(error)));
    child.once('exit', (code, signal) =>
      settle(code === 0 ? undefined : `systemd-notify ended with ${code ?? signal}`),
    );
  });
}
