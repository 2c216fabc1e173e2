import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getSystemErrorName } from 'node:util';
import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';

/**
 * How the kernel's driver turns an RS-485 transceiver round by the port's RTS line. `rtsOnSend`: RTS is high while
 * sending, and low otherwise; false is the reverse. Delays in whole milliseconds, 0 to 100: between the turn and the
 * first bit, and between the last bit and the turn back.
 */
export type Rs485 = { readonly rtsOnSend: boolean; readonly delayBefore: number; readonly delayAfter: number };

// linux/serial.h, SER_RS485_…
const ENABLED = 1;
const RTS_ON_SEND = 2;
const RTS_AFTER_SEND = 4;
const DECIDING = ENABLED | RTS_ON_SEND | RTS_AFTER_SEND;

const STRUCT_BYTES = 32; // three 32-bit fields and padding

/**
 * The kernel's `struct serial_rs485`: flags, delay before sending, delay after it, in the byte order of x86 and ARM.
 * @internal
 */
export function encodeRs485({ rtsOnSend, delayBefore, delayAfter }: Rs485): Buffer {
  const struct = Buffer.alloc(STRUCT_BYTES);
  struct.writeUInt32LE(ENABLED | (rtsOnSend ? RTS_ON_SEND : RTS_AFTER_SEND), 0);
  struct.writeUInt32LE(delayBefore, 4);
  struct.writeUInt32LE(delayAfter, 8);
  return struct;
}

// Node has no ioctl. Perl has, and is on every Debian, which cannot do without perl-base.
const PERL = '/usr/bin/perl';
const TIOCSRS485 = 0x542f; // asm-generic/ioctls.h
const PORT = 3; // the descriptor under which the child finds the port
const SCRIPT = `
  my ($request, $struct) = ($ARGV[0], pack("H*", $ARGV[1]));
  open(my $port, "+<&=", ${PORT}) or die;
  print ioctl($port, $request, $struct) ? unpack("H${STRUCT_BYTES * 2}", $struct) : "errno " . ($! + 0);
`;

/**
 * The command that hands `settings` to the driver of the port at descriptor 3. It prints what the driver made of them,
 * the struct in hexadecimal, or `errno NUMBER`.
 */
function rs485Command(settings: Rs485): readonly [program: string, ...words: string[]] {
  return [PERL, '-e', SCRIPT, String(TIOCSRS485), encodeRs485(settings).toString('hex')];
}

const LONGEST_CALL = 2_000; // milliseconds; the call itself waits for nothing

/** Has the kernel switch the direction at the open port `fd`. Throws `connection-failed` where `port` has no such mode. */
export async function enableRs485(
  { fd, name }: { readonly fd: number; readonly name: string },
  settings: Rs485,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const [program, ...words] = rs485Command(settings);
  const child = spawn(program, words, { env: {}, stdio: ['ignore', 'pipe', 'ignore', fd] });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    await withDeadline(once(child, 'close'), { clock, milliseconds: LONGEST_CALL, late, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw refused(name, faultOf(error), error);
  } finally {
    child.kill('SIGKILL');
  }
  const fault = judge(said, settings);
  if (fault !== undefined) throw refused(name, fault);
}

function late(): Error {
  return new Error(`the command has not ended within ${LONGEST_CALL} ms`);
}

function refused(port: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError('connection-failed', `${port}: rs485 cannot be set: ${why}`, { cause });
}

const NO_MODE = 'this port has no such mode: leave rs485 out, the adapter may turn by itself';

/** What is wrong with the answer of the command; undefined when the driver does as it was told. */
function judge(said: string, settings: Rs485): string | undefined {
  const [, errno] = /^errno (\d+)$/.exec(said) ?? [];
  if (errno !== undefined) {
    const name = getSystemErrorName(-Number(errno));
    return name === 'ENOTTY' ? `${NO_MODE} (${name})` : name;
  }
  const made = Buffer.from(said, 'hex');
  if (made.length !== STRUCT_BYTES) return 'the command ended without an answer';
  // A driver puts right what its hardware cannot do, and says what it made of it.
  const sameFlags = ((made.readUInt32LE(0) ^ encodeRs485(settings).readUInt32LE(0)) & DECIDING) === 0;
  return sameFlags ? undefined : `its driver cannot drive RTS this way: try rtsOnSend: ${!settings.rtsOnSend}`;
}

function faultOf(error: unknown): string {
  const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return absent ? `it takes ${PERL}, of the package perl-base` : messageOf(error);
}
