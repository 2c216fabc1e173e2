import { isoTime, parseTime } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { TracedFrame } from './trace.ts';

/** A frame of a recording, so many seconds after it began. */
export type RecordedFrame = TracedFrame & { readonly seconds: number };

/** What was recorded, and how; the settings are those of the connection, as a configuration writes them. */
export type TraceHead = {
  readonly driver: string;
  readonly transport: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly started: number;
};

export type Trace = TraceHead & { readonly frames: readonly RecordedFrame[] };

const TITLE = '# weir trace 1';

/**
 * A recording as text, for people, fixtures and the simulator. Its head, then a line a frame: seconds since the start,
 * `>` sent or `<` received, the bytes, and what they say.
 *
 *     # weir trace 1
 *     # driver: modbus
 *     # transport: serial
 *     # settings: {"path":"/dev/ttyUSB0","baud":9600}
 *     # started: 2026-11-22T09:15:00.000Z
 *     0.000 > 01 03 00 64 00 02 85 d4 # unit 1: read holding 100, 2 registers
 *     0.021 < 01 03 04 00 64 00 65 7a 07 # unit 1: 2 registers
 *
 * @internal
 */
export function formatTrace({ frames, ...head }: Trace): string {
  return formatTraceHead(head) + frames.map(formatTraceLine).join('');
}

/** The lines before the first frame, for whoever writes a recording as it grows. */
export function formatTraceHead({ driver, transport, settings, started }: TraceHead): string {
  const lines = { driver, transport, settings: JSON.stringify(settings), started: isoTime(started) };
  return [TITLE, ...Object.entries(lines).map(([key, value]) => `# ${key}: ${value}`), ''].join('\n');
}

/** The line of one frame, with its end. */
export function formatTraceLine({ seconds, direction, bytes, meaning }: RecordedFrame): string {
  const said = meaning.replaceAll(/\s+/g, ' ').trim();
  const hexadecimal = bytes.toString('hex').match(/../g)?.join(' ') ?? '';
  return `${seconds.toFixed(3)} ${direction === 'sent' ? '>' : '<'} ${hexadecimal}${said === '' ? '' : ` # ${said}`}\n`;
}

/**
 * Reads such a text; between the frames there may be empty lines and remarks behind `#`. Throws `usage`, naming `file`
 * and the line, for whatever is something else.
 */
export function parseTrace(text: string, file: string): Trace {
  const lines = text.split(/\r?\n/);
  if (lines[0] !== TITLE) throw refused(file, 1, `a trace begins with "${TITLE}"`);
  const head = parseHead(lines, file);
  const frames = lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const frame = parseLine(line);
    if (frame === undefined) throw refused(file, index + 1, `expected e.g. "0.021 < 01 03 # meaning", got "${line}"`);
    return [frame];
  });
  return { ...head, frames };
}

function parseHead(lines: readonly string[], file: string): TraceHead {
  const field = <T>(name: string, parse: (text: string) => T | undefined): T => {
    const index = lines.findIndex((line) => line.startsWith(`# ${name}: `));
    if (index === -1) throw refused(file, 1, `its head has no line "# ${name}: …"`);
    const text = lines[index]?.slice(`# ${name}: `.length) ?? '';
    const value = parse(text);
    if (value === undefined) throw refused(file, index + 1, `"${text}" cannot be ${name}`);
    return value;
  };
  return {
    driver: field('driver', (text) => text),
    transport: field('transport', (text) => text),
    settings: field('settings', parseSettings),
    started: field('started', (text) => (Number.isNaN(parseTime(text)) ? undefined : parseTime(text))),
  };
}

function parseSettings(text: string): TraceHead['settings'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const FRAME = /^(\d{1,9}\.\d{1,9}) ([<>]) ([0-9a-f]{2}(?: ?[0-9a-f]{2})*)(?: +# ?(.*))?$/i;

function parseLine(line: string): RecordedFrame | undefined {
  const [, seconds, arrow, bytes = '', meaning = ''] = FRAME.exec(line) ?? [];
  if (seconds === undefined) return undefined;
  return {
    seconds: Number(seconds),
    direction: arrow === '>' ? 'sent' : 'received',
    bytes: Buffer.from(bytes.replaceAll(' ', ''), 'hex'),
    meaning,
  };
}

function refused(file: string, line: number, why: string): GatewayError {
  return new GatewayError('usage', `${file}:${line}: ${why}`);
}
