import { EARLIEST_TIME, isoTime } from '../../model/clock.ts';
import type { GatewayStatus } from '../../model/status.ts';
import type { TimeService } from '../../ops/time-service.ts';
import type { Finding } from './finding.ts';

export type ClockFacts = {
  /** Milliseconds since 1970, as this machine believes. */
  readonly wall: number;
  readonly service: TimeService;
  /** `clock.trusted` of the configuration. */
  readonly trusted: boolean;
  /** What the running gateway says of its clock. */
  readonly gateway: GatewayStatus['clock'] | undefined;
};

const SERVICE = 'let the machine reach a time server; `timedatectl timesync-status` shows what it tries';

export function checkClock({ wall, service, trusted, gateway }: ClockFacts): readonly Finding[] {
  if (wall < EARLIEST_TIME) return [beforeItsTime(wall)];
  if (service === 'synchronised' || (service === 'absent' && gateway === 'synchronised')) return [];
  const what = 'no time service has set the clock';
  if (trusted) {
    const why = 'clock.trusted: true takes its time as true all the same';
    const todo = 'unless somebody looks after this clock, remove clock.trusted';
    return [{ severity: 'advice', subject: 'clock', what, why, todo }];
  }
  const why = 'readings say that their time is assumed, until the true time arrives and corrects them';
  const todo = `${SERVICE}; where the machine has a good clock of its own, set clock.trusted: true`;
  return [{ severity: 'warning', subject: 'clock', what, why, todo }];
}

function beforeItsTime(wall: number): Finding {
  return {
    severity: 'critical',
    subject: 'clock',
    what: `this machine believes that it is ${isoTime(wall).slice(0, 16)} UTC`,
    why: 'readings carry a doubtful time, and TLS refuses every certificate as not yet valid',
    todo: `${SERVICE}; by hand it is \`sudo date --set\``,
  };
}
