import { withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { LineSettings } from '../wire/serial-port.ts';
import { openSerial } from '../wire/serial.ts';
import { openTcp } from '../wire/tcp.ts';
import type { Wire } from '../wire/wire.ts';
import type { Driver, Recognition } from './driver.ts';

/** A serial port, or a device server that has one. */
export type UnknownLine = { readonly path: string } | { readonly host: string; readonly port: number };

type Recognised = NonNullable<ReturnType<Recognition['recognise']>>;

/** One attempt of a search, the `done`th of `total`. */
export type RecognitionStep = {
  /** For people, e.g. `listening at 9600 8N1` or `asking in modbus at 9600 8E1`. */
  readonly attempt: string;
  readonly done: number;
  readonly total: number;
  readonly found?: Recognised & { readonly driver: string; readonly line: LineSettings };
  /** What was heard although nobody could make sense of it, bytes. */
  readonly unknown: number;
};

type Candidate = Recognition & { readonly driver: string };

/** What is tried at once: all that listen at one setting, or one question. */
type Attempt = { readonly name: string; readonly line: LineSettings; readonly candidates: readonly Candidate[] };

const OPENING = 5_000; // milliseconds

// What a line says in half a minute at its fastest is enough to know it by.
const MOST_HEARD = 65_536;

/**
 * Finds out what is on a line: of a network asks what only networks have, then listens at every setting at which something might speak by itself, and then
 * asks, in the order of the drivers. Ends with the first step that found something. Rejects with `connection-failed` or
 * `port-missing` where the line cannot be opened, and with the signal's reason.
 */
export async function* recogniseLine(
  place: UnknownLine,
  drivers: readonly Driver[],
  clock: Clock,
  signal: AbortSignal,
): AsyncIterable<RecognitionStep> {
  const attempts = attemptsOf(drivers, 'path' in place);
  for (const [index, { name, line, candidates }] of attempts.entries()) {
    await using wire = await openLine(place, line, clock, signal);
    const { found, bytes } = await attempt(wire, candidates, clock, signal);
    const step = { attempt: name, done: index + 1, total: attempts.length, unknown: found === undefined ? bytes : 0 };
    yield found === undefined ? step : { ...step, found: { ...found, line } };
    if (found !== undefined) return;
  }
}

/** Those that listen at the same setting listen together; over a network all do. */
function attemptsOf(drivers: readonly Driver[], isSerial: boolean): readonly Attempt[] {
  const all = drivers
    .flatMap(({ name, recognitions = [] }) => recognitions.map((each) => ({ ...each, driver: name })))
    .filter(({ isOfNetwork }) => !isSerial || isOfNetwork !== true);
  const listening = Map.groupBy(
    all.filter(({ question }) => question === undefined),
    ({ line }) => (isSerial ? lineName(line) : ''),
  );
  const at = (line: LineSettings): string => (isSerial ? ` at ${lineName(line)}` : '');
  const questions = Map.groupBy(distinct(all, isSerial), ({ isOfNetwork = false }) => isOfNetwork);
  const asking = (isOfNetwork: boolean): readonly Attempt[] =>
    (questions.get(isOfNetwork) ?? []).flatMap((one) => attemptTo(`asking in ${one.driver}`, [one], at));
  return [
    ...asking(true),
    ...[...listening.values()].flatMap((candidates) => attemptTo('listening', candidates, at)),
    ...asking(false),
  ];
}

function attemptTo(what: string, candidates: readonly Candidate[], at: (line: LineSettings) => string): Attempt[] {
  const [first] = candidates;
  return first === undefined ? [] : [{ name: `${what}${at(first.line)}`, line: first.line, candidates }];
}

/** Questions; one that a network has heard already is not asked there again for the sake of another setting. */
function distinct(all: readonly Candidate[], isSerial: boolean): readonly Candidate[] {
  const asked = new Set<string>();
  return all.filter(({ question, line, driver }) => {
    if (question === undefined) return false;
    const key = [driver, isSerial ? lineName(line) : '', Buffer.from(question).toString('hex')].join(' ');
    return !asked.has(key) && asked.add(key);
  });
}

const LETTERS = { even: 'E', none: 'N', odd: 'O' } as const;

/** `9600 8N1` */
function lineName({ baud, dataBits, parity, stopBits }: LineSettings): string {
  return `${baud} ${dataBits}${LETTERS[parity]}${stopBits}`;
}

function openLine(place: UnknownLine, line: LineSettings, clock: Clock, signal: AbortSignal): Promise<Wire> {
  if ('path' in place) return openSerial({ ...line, path: place.path, timeout: OPENING }, clock, signal);
  return openTcp({ ...place, timeout: OPENING }, clock, signal);
}

function late(): GatewayError {
  return new GatewayError('no-answer', 'nothing was recognised');
}

type Heard = { readonly found: (Recognised & { readonly driver: string }) | undefined; readonly bytes: number };

async function attempt(
  wire: Wire,
  candidates: readonly Candidate[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Heard> {
  let heard = Buffer.alloc(0);
  const answer = Promise.withResolvers<Heard>();
  wire.listen({
    received: (bytes) => {
      if (heard.length < MOST_HEARD) heard = Buffer.concat([heard, bytes]);
      const found = recognised(candidates, heard);
      if (found !== undefined) answer.resolve({ found, bytes: heard.length });
    },
    lost: (error) => answer.reject(error),
  });
  const [first] = candidates;
  if (first?.question !== undefined) wire.send(Buffer.from(first.question));
  const milliseconds = Math.max(...candidates.map(({ patience }) => patience));
  try {
    return await withDeadline(answer.promise, { clock, milliseconds, late, signal });
  } catch (error) {
    const code = error instanceof GatewayError ? error.code : undefined;
    // Many a server hangs up on who speaks another protocol: the next one is asked over a connection of its own.
    const isHungUp = code === 'connection-lost' && first?.question !== undefined;
    if (code === 'no-answer' || isHungUp) return { found: undefined, bytes: heard.length };
    throw error;
  }
}

function recognised(candidates: readonly Candidate[], heard: Buffer): Heard['found'] {
  for (const { driver, question, recognise } of candidates) {
    const found = recognise(withoutEcho(heard, question));
    if (found !== undefined) return { ...found, driver };
  }
  return undefined;
}

/** Some adapters hear what they send. */
function withoutEcho(heard: Buffer, question: Uint8Array | undefined): Buffer {
  const isEcho = question !== undefined && heard.subarray(0, question.length).equals(question);
  return isEcho ? heard.subarray(question.length) : heard;
}
