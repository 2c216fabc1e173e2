import { expect, test } from 'vitest';
import { bootSystemd } from '../support/booted-systemd.ts';
import { describeWith } from '../support/peers.ts';

// The whole life of the unit. Every forbidden system call ends the process here, where in production it is refused.
const settings = ['SystemCallErrorNumber=kill', 'WatchdogSec=2', 'RestartSec=100ms'];

const script = `
set -uo pipefail
say() { echo "$1: $(systemctl show weir --property "$2" --value)"; }

systemctl start weir && echo 'started'
say status StatusText
cat /var/lib/weir/findings.json; echo
grep -E '^(CapEff|NoNewPrivs|Seccomp):' "/proc/$(systemctl show weir --property MainPID --value)/status"
stat --format 'rights: %n %a %U' /var/lib/weir /run/weir

kill -STOP "$(systemctl show weir --property MainPID --value)"
until [[ $(systemctl show weir --property NRestarts --value) != 0 && $(systemctl is-active weir) == active ]]; do sleep 0.05; done
say restarts NRestarts

systemctl stop weir
say result Result

touch /etc/weir/wrong
systemctl start weir || echo 'not started'
say code ExecMainStatus
say state ActiveState
`;

describeWith('booted-systemd', 'under a systemd of its own', () => {
  test('the unit starts, can do what it needs and no more, is restarted when it hangs, stops, and stays down when its configuration is wrong', async () => {
    const output = await bootSystemd({ script, program: '/opt/weir/test/support/service-probe.ts', settings });
    const lines = output.trim().split('\n');
    expect(lines.slice(0, 2)).toEqual(['started', 'status: probed']);
    expect(JSON.parse(lines[2] ?? '')).toEqual({
      commit: 'done',
      'control socket': 'done',
      'network socket': 'done',
      'name lookup': 'done',
      'serial port': 'done',
      'memory device': 'EPERM',
      'write to /opt/weir': 'EROFS',
      'write to /etc': 'EROFS',
      'program of its own': 'EACCES',
    });
    expect(lines.slice(3)).toEqual([
      'CapEff:\t0000000000000000',
      'NoNewPrivs:\t1',
      'Seccomp:\t2',
      'rights: /var/lib/weir 700 weir',
      'rights: /run/weir 700 weir',
      'restarts: 1',
      'result: success',
      'not started',
      'code: 78',
      'state: failed',
    ]);
  }, 90_000);
});
