import type {
  DiscoveredPoint,
  DriverContext,
  DriverDevice,
  DriverPoint,
  Identity,
  ScanRange,
  ScanStep,
  Session,
  TimeSpan,
} from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { badReading, type Reading } from '../../src/model/reading.ts';
import { openLine } from '../meter/line.ts';
import { describeValues, readingsOf } from '../meter/meter-points.ts';
import { registerOf, type MeterAddress } from '../meter/point-schema.ts';
import { pastReading } from '../meter/profile-status.ts';
import { localZone } from '../meter/time.ts';
import { Conversation, Misunderstanding } from '../meter/conversation.ts';
import type { Speeds } from '../meter/sign-on.ts';
import { Dialogue } from './dialogue.ts';
import { describe, FIRST_BAUD } from '../meter/identification.ts';
import { parseProfile, profileRequest, shownSpan } from './profile.ts';
import type { ConnectionSettings, DeviceSettings } from './schema.ts';
import { ReadoutReader } from './values.ts';

export type Device = DriverDevice<DeviceSettings, MeterAddress>;
type Points = readonly DriverPoint<MeterAddress>[];
type Reader = (dialogue: Dialogue) => Promise<readonly Reading[]>;

const FASTEST = 19_200;
const DAY = 86_400_000; // milliseconds; what a meter is asked to tell of its past at once

/** A line to meters that answer: of mode A, B or C, whichever each of them speaks. */
export class ReadoutSession implements Session {
  readonly #settings: ConnectionSettings;
  readonly #context: DriverContext;
  readonly #closing = new AbortController();
  #line: Conversation;

  private constructor(settings: ConnectionSettings, context: DriverContext, line: Conversation) {
    this.#settings = settings;
    this.#context = context;
    this.#line = line;
  }

  static async open(
    settings: ConnectionSettings,
    context: DriverContext,
    signal: AbortSignal,
  ): Promise<ReadoutSession> {
    return new ReadoutSession(settings, context, await converse(settings, context, signal));
  }

  async read(device: Device, points: Points, signal: AbortSignal): Promise<readonly Reading[]> {
    if (points.length === 0) return [];
    const { clock } = this.#context;
    const reader = readerOf(device);
    const read: Reader = device.settings.registers
      ? async (dialogue) => this.#registers(dialogue, device, points)
      : async (dialogue) => {
          const { sets } = await dialogue.readOut(device.settings);
          return readingsOf(points, reader.values(sets, clock.wall()), clock.monotonic());
        };
    const result = await this.#ask(device, read, signal);
    if (!(result instanceof Misunderstanding)) return result;
    return points.map(({ number }) => badReading(number, result.reason, clock.monotonic()));
  }

  async discover(device: Device, signal: AbortSignal): Promise<readonly DiscoveredPoint[]> {
    const { sets } = await this.#demand(device, (dialogue) => dialogue.readOut(device.settings), signal);
    return describeValues(readerOf(device).values(sets, this.#context.clock.wall()), device.id);
  }

  async identify(device: Device, signal: AbortSignal): Promise<Identity> {
    const { text, manufacturer, mode, baud, speaksHdlc } = await this.#demand(
      device,
      (dialogue) => dialogue.signOn(device.settings),
      signal,
    );
    return {
      facts: [
        { name: 'identification', value: text },
        { name: 'manufacturer', value: manufacturer },
        { name: 'mode', value: speaksHdlc ? `${mode}, and E (HDLC)` : mode },
        { name: 'fastest speed', value: `${baud} Bd` },
      ],
      describes: 'its readout',
    };
  }

  /** Asks whoever hears us, or those with the addresses of the range. */
  async *scan({ addresses }: ScanRange, signal: AbortSignal): AsyncGenerator<ScanStep> {
    const asked = addresses?.map(String) ?? [''];
    for (const [index, address] of asked.entries()) {
      const began = this.#context.clock.monotonic();
      const who = await this.#try(
        address === '' ? 'scan' : `address ${address}`,
        (dialogue) => dialogue.signOn({ address, wakeup: 0 }),
        signal,
      );
      const step = { address: address === '' ? 'whoever hears us' : `address ${address}`, total: asked.length };
      const milliseconds = this.#context.clock.monotonic() - began;
      const device = address === '' ? {} : { address };
      const found = who instanceof Misunderstanding ? undefined : { device, answer: describe(who), milliseconds };
      yield { ...step, done: index + 1, ...(found !== undefined && { found }) };
    }
  }

  async *history(
    device: Device,
    points: Points,
    { from, to }: TimeSpan,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Reading[], void, undefined> {
    const zone = zoneOf(device);
    const reader = readerOf(device);
    const by = device.settings.partialBlocks ? 'R6' : 'R5';
    for (let start = from; start < to; start += DAY) {
      const end = Math.min(start + DAY, to);
      const sets = await this.#demand(
        device,
        (dialogue) => dialogue.programming(device.settings, (ask) => ask(profileRequest(start, end, zone, by), by)),
        signal,
        `its load profile from ${shownSpan(start, end)}`,
      );
      const rows = parseProfile(sets, zone).filter(({ time }) => time > start && time < end + 1 && time < to);
      const readings = rows.flatMap((row) => {
        const values = reader.values(row.sets).map((value) => ({ ...value, time: row.time }));
        const known = new Set(values.map(({ register }) => register));
        const kept = points.filter(({ address }) => known.has(registerOf(address)));
        return readingsOf(kept, values, this.#context.clock.monotonic()).map((each) => pastReading(each, row.doubt));
      });
      if (readings.length > 0) yield readings;
    }
  }

  /** Each register by itself: one that the meter refuses does not spoil the others. */
  async #registers(dialogue: Dialogue, device: Device, points: Points): Promise<readonly Reading[]> {
    const { clock } = this.#context;
    const reader = readerOf(device);
    return dialogue.programming(device.settings, async (ask) => {
      const readings: Reading[] = [];
      for (const point of points) {
        const answer = await ask(point.address.register ?? shortCode(point.address)).catch(refusal);
        readings.push(
          ...('reason' in answer
            ? [badReading(point.number, answer.reason, clock.monotonic())]
            : readingsOf([point], reader.values(answer), clock.monotonic())),
        );
      }
      return readings;
    });
  }

  /** As `ask`, but what went wrong is thrown. */
  async #demand<T>(
    device: Device,
    work: (dialogue: Dialogue) => Promise<T>,
    signal: AbortSignal,
    what = 'who it is and what it holds',
  ): Promise<T> {
    const result = await this.#ask(device, work, signal);
    if (!(result instanceof Misunderstanding)) return result;
    const code = (
      { 'no-answer': 'no-answer', 'malformed-answer': 'answer-malformed', refused: 'device-refused' } as const
    )[result.reason];
    throw new GatewayError(code, `${device.id}: asked for ${what}, ${result.message}`);
  }

  /** Begins as often as it may; a line that is lost is opened anew once. Rejects when it cannot be, or with the signal's reason. */
  async #ask<T>(
    device: Device,
    work: (dialogue: Dialogue) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | Misunderstanding> {
    let result = await this.#try(device.id, work, signal);
    for (let left = this.#settings.retries; left > 0; left -= 1) {
      if (!(result instanceof Misunderstanding) || result.reason === 'refused') break;
      result = await this.#try(device.id, work, signal);
    }
    return result;
  }

  /** As `ask`, once. */
  async #try<T>(
    device: string,
    work: (dialogue: Dialogue) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | Misunderstanding> {
    const { clock, observe, answered } = this.#context;
    const lifetime = AbortSignal.any([signal, this.#closing.signal]);
    lifetime.throwIfAborted();
    if (!this.#line.isOpen) await this.#reopen(lifetime);
    const began = clock.monotonic();
    try {
      const result = await work(new Dialogue(this.#line, speedsOf(this.#settings), lifetime));
      answered(device, clock.monotonic() - began);
      return result;
    } catch (error) {
      lifetime.throwIfAborted();
      const failure = this.#failure(error);
      if (failure.reason !== 'refused') await this.#giveUpConnection();
      observe(failure.reason === 'no-answer' ? 'timeout' : 'malformed-frame', device, failure.message);
      return failure;
    }
  }

  #failure(error: unknown): Misunderstanding {
    if (error instanceof Misunderstanding) return error;
    const isLoss = error instanceof GatewayError && error.code === 'connection-lost';
    if (isLoss) return new Misunderstanding('no-answer', error.message);
    throw error;
  }

  /**
   * Nothing in an answer says which meter or question it belongs to: what is still on its way over the network must not
   * become the answer to the next one. On a port of this machine nothing is on its way once the line is quiet.
   */
  async #giveUpConnection(): Promise<void> {
    if (this.#settings.transport !== 'serial') await this.#line[Symbol.asyncDispose]();
  }

  async #reopen(signal: AbortSignal): Promise<void> {
    await this.#line[Symbol.asyncDispose]();
    this.#line = await converse(this.#settings, this.#context, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new GatewayError('connection-lost', 'the session was closed'));
    await this.#line[Symbol.asyncDispose]();
  }
}

async function converse(
  settings: ConnectionSettings,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Conversation> {
  const wire = await openLine(lineOf(settings), context.clock, signal);
  const { softwareParity, answerTimeout } = settings;
  return new Conversation(wire, { softwareParity, patience: answerTimeout, baud: speedsOf(settings).first }, context);
}

/** The line as the port is to be set: where we see to the parity, it has none. */
export function lineOf(settings: ConnectionSettings): ConnectionSettings {
  const isOurs = settings.softwareParity && settings.transport === 'serial';
  return isOurs ? { ...settings, dataBits: 8, parity: 'none' } : settings;
}

function speedsOf(settings: ConnectionSettings): Speeds {
  const first = settings.transport === 'serial' ? settings.baud : FIRST_BAUD;
  return { first, most: settings.maxBaud ?? (settings.transport === 'serial' ? FASTEST : first) };
}

function zoneOf({ settings }: Device): string {
  return settings.timezone ?? localZone();
}

function readerOf(device: Device): ReadoutReader {
  return new ReadoutReader(zoneOf(device));
}

/** `1.8.0`: meters do not know the whole code in programming mode. */
function shortCode(address: MeterAddress): string {
  return registerOf(address).replace(/^\d+-\d+:/, '');
}

function refusal(error: unknown): Misunderstanding {
  if (error instanceof Misunderstanding && error.reason === 'refused') return error;
  throw error;
}
