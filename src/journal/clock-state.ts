import { existsSync } from 'node:fs';
import type { ClockState } from './journal.ts';

// systemd-timesyncd makes it when it has set the clock for the first time after boot.
const SYNCHRONISED = '/run/systemd/timesync/synchronized';

/** How far the host's clock can be believed now; `trusted` when the configuration says that it can. */
export function clockState(trusted: boolean, mark = SYNCHRONISED): ClockState {
  return trusted || existsSync(mark) ? 'synchronised' : 'assumed';
}
