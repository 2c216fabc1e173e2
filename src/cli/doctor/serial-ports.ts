import { plural } from '../format.ts';
import { found, type Finding } from './finding.ts';

export type SerialPortFacts = {
  readonly connection: string;
  /** As the configuration names it. */
  readonly path: string;
  /** The device that the path leads to, e.g. `/dev/ttyUSB0`; undefined where there is none. */
  readonly device: string | undefined;
  readonly isCharacterDevice: boolean;
  /** Whether this user may read and write it, and the group that may. */
  readonly accessible: boolean;
  readonly group: string;
  /** Other names of the same device that survive a reboot: by-path and by-id links. */
  readonly lasting: readonly string[];
  /** Ports that there are, by their lasting names. */
  readonly present: readonly string[];
  /** Programs that have the device open, without the gateway. */
  readonly holders: readonly Holder[];
  /** The gateway is connected through it. */
  readonly isUp: boolean;
};

export type Holder = { readonly pid: number; readonly command: string };

/** Programs that look at any serial port they find, and how they are kept from it. */
const intruders: Readonly<Record<string, string>> = {
  ModemManager: '`sudo systemctl disable --now ModemManager`, or install the udev rule systemd/60-weir-serial.rules',
  brltty: '`sudo apt-get remove brltty`: it takes some adapters for Braille displays',
  agetty: 'take the console off the port: `sudo systemctl disable --now serial-getty@PORT`',
  getty: 'take the console off the port: `sudo systemctl disable --now serial-getty@PORT`',
};

/** Those of the running programs that may take a port the moment it is plugged in. */
export function checkIntruders(running: readonly string[]): readonly Finding[] {
  return ['ModemManager', 'brltty']
    .filter((program) => running.includes(program))
    .map((program) => ({
      severity: 'advice',
      subject: 'serial ports',
      what: `${program} runs on this machine`,
      why: 'it opens adapters when they are plugged in, to see what they are, and takes bytes meanwhile',
      todo: intruders[program] ?? '',
    }));
}

const STABLE = /^\/dev\/serial\/by-(id|path)\//;
const RENUMBERED = /^\/dev\/tty(USB|ACM)\d+$/;

export function checkSerialPort(facts: SerialPortFacts): readonly Finding[] {
  if (facts.device === undefined) return [missing(facts)];
  if (!facts.isCharacterDevice) return [notAPort(facts)];
  return found(forbidden(facts), held(facts), unstable(facts));
}

function subjectOf({ connection }: SerialPortFacts): string {
  return `connection ${connection}`;
}

function missing(facts: SerialPortFacts): Finding {
  const { path, present } = facts;
  return {
    severity: 'critical',
    subject: subjectOf(facts),
    what: `${path} is not there`,
    why: present.length === 0 ? 'no serial adapter is plugged in' : `there are: ${present.join(', ')}`,
    todo: present.length === 0 ? 'plug the adapter in; `dmesg` tells what the kernel makes of it' : 'name one of these',
  };
}

function notAPort(facts: SerialPortFacts): Finding {
  const what = `${facts.path} is no serial port`;
  const why = 'it is no character device';
  return { severity: 'critical', subject: subjectOf(facts), what, why, todo: 'name one below /dev/serial/by-id' };
}

function forbidden(facts: SerialPortFacts): Finding | undefined {
  if (facts.accessible || facts.isUp) return undefined;
  const { path, group } = facts;
  return {
    severity: 'critical',
    subject: subjectOf(facts),
    what: `this user may not use ${path}`,
    why: `it is for the group ${group}`,
    todo: `\`sudo usermod -aG ${group} USER\` with the user of the gateway, who then logs in again`,
  };
}

function held(facts: SerialPortFacts): Finding | undefined {
  const [first] = facts.holders;
  if (first === undefined) return undefined;
  const names = facts.holders.map(({ pid, command }) => `${command} (process ${pid})`).join(', ');
  return {
    severity: 'critical',
    subject: subjectOf(facts),
    what: `${plural(facts.holders.length, 'other program')} on ${facts.path}: ${names}`,
    why: 'two programs on one port take bytes from each other',
    todo: intruders[first.command] ?? `end it: \`sudo kill ${first.pid}\``,
  };
}

function unstable(facts: SerialPortFacts): Finding | undefined {
  const { path, lasting } = facts;
  if (!RENUMBERED.test(path) || STABLE.test(path)) return undefined;
  return {
    severity: 'warning',
    subject: subjectOf(facts),
    what: `${path} may be another port after the next reboot`,
    why: 'the kernel numbers adapters in the order in which it finds them',
    todo: lasting[0] === undefined ? 'name it by /dev/serial/by-id or by-path' : `write \`path: ${lasting[0]}\``,
  };
}
