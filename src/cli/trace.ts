import type { Command } from 'commander';
import { z } from 'zod';
import type { ShownFrame } from '../collect/commissioning.ts';
import type { Clock } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { TraceHead } from '../wire/trace-text.ts';
import { contextOf, examples, type Context } from './context.ts';
import { takesConnection, WITHOUT_CONFIGURATION, type ConnectionOptions } from './device/connection-options.ts';
import { readableKeys, takesPlace, type PlaceOptions } from './device/place.ts';
import { reach, type Reached } from './device/reach.ts';
import { addressedTarget, namedConnection, type NamedConnection } from './device/target.ts';
import { plural } from './format.ts';
import { interruption } from './interruption.ts';
import { period } from './ranges.ts';
import { openTraceFile } from './trace-file.ts';
import { frameLines } from './trace-lines.ts';

type TraceOptions = ConnectionOptions &
  PlaceOptions & { readonly for?: number; readonly save?: string; readonly hex?: true; readonly poll?: true };

export function registerTrace(program: Command): void {
  const command = program
    .command('trace')
    .description('show the frames on a connection and what they say, without disturbing a gateway that polls it')
    .argument('<connection>', 'its id in the configuration; or connection/unit, before an address')
    .argument('[address...]', 'places to read once meanwhile, e.g. "holding 100"')
    .option(
      '--for <duration>',
      'so long (default: until Ctrl-C, or until everything was read once)',
      period('100ms', '30d'),
    )
    .option('--poll', 'read the configured devices of the connection once meanwhile')
    .option('--hex', 'all bytes of each frame, with the letters among them')
    .option('--save <file>', 'write them to a file as well, which tests and simulations can replay');
  takesConnection(takesPlace(command))
    .action(async (name: string, places: string[], options: TraceOptions, self: Command) =>
      trace(name, places, options, contextOf(self)),
    )
    .addHelpText(
      'after',
      `${examples(
        'weir trace basement --for 30s',
        'weir trace basement --poll --hex',
        'weir trace basement --for 1h --save basement.trace',
        'weir trace sml --path /dev/serial/by-id/usb-FTDI_FT232R_A10K-if00-port0',
        'weir trace modbus/1 "input 0" --type float32 --host 192.0.2.10',
      )}\n${WITHOUT_CONFIGURATION}`,
    );
}

/** What is traced, and what is asked meanwhile. */
type Traced = {
  readonly connection: NamedConnection;
  readonly questions: readonly ((reached: Reached, signal: AbortSignal) => Promise<unknown>)[];
};

async function trace(name: string, places: readonly string[], options: TraceOptions, context: Context): Promise<void> {
  const { output, clock } = context;
  const signal = interruption();
  const { connection, questions: asked } = await tracedTarget(name, places, options, context);
  await using reached = await reach(connection, context);
  const questions = reached.through === 'command' && asked.length === 0 ? [listening(connection)] : asked;
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  const cancel = options.for === undefined ? undefined : clock.after(options.for, () => ended.abort());
  let failure: GatewayError | undefined;
  const asking = ask(questions, { reached, clock, signal: until }).then(
    () => (questions.length > 0 && options.for === undefined ? ended.abort() : undefined),
    (error: unknown) => {
      if (!until.aborted) failure = asGatewayError(error, 'failed');
      ended.abort();
    },
  );
  try {
    const seen = await show(reached.commissioning.trace(until), connection, options, context);
    output.note(`\n${plural(seen, 'frame')}`);
  } finally {
    cancel?.();
    ended.abort();
    await asking;
  }
  if (failure !== undefined) throw failure;
}

async function tracedTarget(
  name: string,
  places: readonly string[],
  options: TraceOptions,
  context: Context,
): Promise<Traced> {
  if (places.length > 0) {
    const { connection, keys } = await addressedTarget(name, options, context);
    const points = Object.fromEntries(places.map((place) => [place, readableKeys(connection.driver, place, options)]));
    const question = ({ commissioning }: Reached, signal: AbortSignal): Promise<unknown> =>
      commissioning.readAdHoc({ device: keys, points }, signal);
    return { connection, questions: [question] };
  }
  const connection = await namedConnection(name, options, context);
  const devices = connection.configuration?.devices.filter((device) => device.connection === connection.id) ?? [];
  if (options.poll && devices.length === 0) {
    throw new GatewayError('usage', `--poll: no device is configured on ${connection.id}; name an address instead`);
  }
  const questions = devices.map(
    ({ id }) =>
      (reached: Reached, signal: AbortSignal): Promise<unknown> =>
        reached.readDevice(id, undefined, signal),
  );
  return { connection, questions: options.poll ? questions : [] };
}

/** Where nobody is asked, those are heard that speak by themselves. Throws `usage` where the driver knows none. */
function listening({ id, driver }: NamedConnection): Traced['questions'][number] {
  if (driver.recognitions?.some(({ question }) => question === undefined) === true) {
    return (reached, signal) => reached.listen(signal);
  }
  const ways = 'add --poll to read its devices once, or an address';
  throw new GatewayError('usage', `no gateway polls ${id}, so there would be nothing to see: ${ways}`);
}

// Milliseconds. A daemon hands frames over beside its answers: the first and the last of them are given time to arrive.
const GRACE = 200;

type Asking = { readonly reached: Reached; readonly clock: Clock; readonly signal: AbortSignal };

async function ask(questions: Traced['questions'], { reached, clock, signal }: Asking): Promise<void> {
  if (questions.length === 0) return;
  await clock.sleep(GRACE, signal);
  for (const question of questions) await question(reached, signal);
  await clock.sleep(GRACE, signal);
}

/** Shows frames until there are no more; answers with their number. */
async function show(
  batches: AsyncIterable<readonly ShownFrame[]>,
  connection: NamedConnection,
  { hex, save }: TraceOptions,
  { output, clock }: Context,
): Promise<number> {
  await using file = save === undefined ? undefined : await openTraceFile(save, headOf(connection, clock.wall()));
  let seen = 0;
  for await (const frames of batches) {
    seen += frames.length;
    await file?.write(frames);
    for (const frame of frames) output.line(output.json ? JSON.stringify(frame) : frameLines(frame, hex === true));
  }
  return seen;
}

/** What is known of a recording before its first frame. */
function headOf({ driver, settings, keys }: NamedConnection, started: number): TraceHead {
  const { driver: _driver, ...written } = keys;
  const transport = transportSettings.safeParse(settings).data?.transport ?? '';
  return { driver: driver.name, transport, settings: written, started };
}

/** What most drivers have among the settings of a connection. */
const transportSettings = z.object({ transport: z.string() });
