import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * What the machine says of its clock. `synchronised`: a time service has set it. `waiting`: one is at work and has not
 * yet. `idle`: none is at work, and none has set it. `absent`: nobody here could tell.
 */
export type TimeService = 'synchronised' | 'waiting' | 'idle' | 'absent';

export type LookAtTimeService = () => Promise<TimeService>;

// systemd-timesyncd makes it when it has set the clock for the first time after boot.
const TIMESYNCD_MARK = '/run/systemd/timesync/synchronized';

// sd_booted(3): there only where systemd is the init process.
const SYSTEMD = '/run/systemd/system';

const PATIENCE = 2_000; // milliseconds: without its bus timedatectl waits for ever

/** Asks systemd, which answers for whatever time service there is: it reads the kernel's own mark. */
export async function lookAtTimeService(): Promise<TimeService> {
  if (existsSync(TIMESYNCD_MARK)) return 'synchronised';
  if (!existsSync(SYSTEMD)) return 'absent';
  const wanted = ['--property=NTP', '--property=NTPSynchronized'];
  const asked = promisify(execFile)('timedatectl', ['show', ...wanted], { timeout: PATIENCE });
  const { stdout } = await asked.catch(() => ({ stdout: '' }));
  return timeServiceIn(stdout);
}

/**
 * What the answer of `timedatectl show` means.
 * @internal
 */
export function timeServiceIn(answer: string): TimeService {
  const says = new Map(answer.split('\n').map((line) => [line.split('=')[0], line.split('=')[1]?.trim()]));
  if (says.get('NTPSynchronized') === 'yes') return 'synchronised';
  if (says.get('NTP') === 'yes') return 'waiting';
  return says.has('NTPSynchronized') ? 'idle' : 'absent';
}
