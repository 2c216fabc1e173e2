import type { Command } from 'commander';
import type { Driver } from '../../collect/driver.ts';
import { rawValueOf } from '../../collect/raw-value.ts';
import { collectedPoint } from '../../collect/setup.ts';
import type { PointSettings } from '../../config/configuration.ts';
import { GatewayError } from '../../model/errors.ts';
import type { ShownReading } from '../../model/status.ts';
import { confirm, refuseUnlessAsked } from '../confirm.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { paint, valueText } from '../format.ts';
import { interruption } from '../interruption.ts';
import { isAdHoc, takesConnection, WITHOUT_CONFIGURATION, type ConnectionOptions } from './connection-options.ts';
import { placeKeys, scaled, takesPlace, type PlaceOptions } from './place.ts';
import { reach } from './reach.ts';
import { addressedTarget, configuredDevice, pointsOf } from './target.ts';
import { typedValue, unscaledText } from './value.ts';

type WriteOptions = ConnectionOptions & PlaceOptions & { readonly yes?: true };

export function registerWrite(device: Command): void {
  const command = device
    .command('write')
    .description('write a value to a device, and show what it holds then; asks before it does')
    .argument('<settable>', 'device/point of the configuration; or connection/unit, before an address')
    .argument('<words...>', 'the value; or an address like "holding 120", and the value as the device will hold it')
    .option('--yes', 'do not ask: for scripts');
  takesConnection(takesPlace(command))
    .action(async (target: string, words: string[], options: WriteOptions, self: Command) => {
      const context = contextOf(self);
      if (!options.yes) refuseUnlessAsked('--yes');
      const [first = '', second, ...others] = words;
      if (others.length > 0)
        throw new GatewayError('usage', 'write one value at a time: an address in quotes, and the value');
      if (second === undefined) await writePoint(target, first, options, context);
      else await writePlace(target, { place: first, text: second }, options, context);
    })
    .addHelpText(
      'after',
      `${examples(
        'weir device write boiler/setpoint 55',
        'weir device write boiler/mode comfort --yes --json',
        'weir device write basement/7 "holding 120" 550 --type int16',
        'weir device write basement/7 "holding 120" 55 --type int16 --scale 0.1',
        'weir device write modbus/7 "coil 3" on --host 192.0.2.10',
        'weir device write basement/0 "holding 120" 55 --type int16',
      )}\n${WITHOUT_CONFIGURATION}\nA configured point takes what its \`write\` allows; an address takes whatever the device does.\nOn a Modbus line unit 0 is every device at once: none answers, and nothing is read back.`,
    );
}

/** What a point or place holds. */
type Held = Omit<ShownReading, 'time'>;

/** One write, however the device is reached. */
type Write = {
  readonly name: string;
  /** As it was typed. */
  readonly text: string;
  readonly read: () => Promise<Held | undefined>;
  /** Answers with what was read back; rejects with `write-differs` where that is something else. */
  readonly write: () => Promise<Held | undefined>;
};

async function writePoint(id: string, text: string, options: WriteOptions, context: Context): Promise<void> {
  const signal = interruption();
  const [device = ''] = id.split('/', 1);
  if (isAdHoc(options) || device === id) {
    const forms = 'device/point and a value, or connection/unit, an address and a value';
    throw new GatewayError('usage', `${id} is no point of the configuration: write ${forms}`);
  }
  const target = await configuredDevice(device, context);
  pointsOf(target.device, [id]);
  const point = target.device.points.find(({ definition }) => definition.id === id);
  const value = typedValue(text, point?.definition.type);
  if (point !== undefined) refuseUnlessAllowed(point, value, target.connection.driver);
  await using reached = await reach(target.connection, context);
  const read = async (): Promise<Held | undefined> => (await reached.readDevice(device, [id], signal))[0];
  const write = async (): Promise<Held | undefined> => (await reached.write(device, { [id]: value }, signal))[0];
  await perform({ name: id, text, read, write }, { ...options, signal }, context);
}

/** What the rule of the point does not allow need not be confirmed first. Throws `write-refused`. */
function refuseUnlessAllowed(point: PointSettings, value: string | boolean, driver: Driver): void {
  rawValueOf(collectedPoint(point, 0), value, driver.describe(point.address).type);
}

type Asked = { readonly place: string; readonly text: string };

async function writePlace(
  name: string,
  { place, text }: Asked,
  options: WriteOptions,
  context: Context,
): Promise<void> {
  const signal = interruption();
  const target = await addressedTarget(name, options, context);
  const { driver } = target.connection;
  const keys = placeKeys(driver, place, options);
  const { type, writable } = driver.describe(driver.schemas.point.parse(keys));
  if (!writable) throw new GatewayError('usage', `${place} can only be read`);
  const asked = { device: target.keys, points: { [place]: keys } };
  const value = typedValue(unscaledText(text, options.scale), type);
  await using reached = await reach(target.connection, context);
  const { commissioning } = reached;
  const read = async (): Promise<Held | undefined> =>
    (await commissioning.readAdHoc(asked, signal)).map((reading) => scaled(reading, options))[0];
  const write = async (): Promise<Held> => scaled(await commissioning.writeAdHoc(asked, value, signal), options);
  const { settings } = target.connection;
  const isBroadcast = driver.isBroadcast?.(settings, driver.schemas.device.parse(target.keys)) === true;
  const act = isBroadcast ? broadcast : perform;
  await act({ name: `${name} ${place}`, text, read, write }, { ...options, signal }, context);
}

type Asking = WriteOptions & { readonly signal: AbortSignal };

/** Shows what is there, asks, writes, and shows what is there then. Rejects with `write-differs` where that cannot be seen. */
async function perform(asked: Write, asking: Asking, { output }: Context): Promise<void> {
  const { name, text, write } = asked;
  const before = await held(asked);
  output.note(`${name} is ${textOf(before)}`);
  if (!(await isMeant(text, asking, output))) return;
  const after = await write();
  if (after === undefined || after.quality === 'bad') {
    throw new GatewayError('write-differs', `${name}: ${text} was written, and cannot be read back: ${textOf(after)}`);
  }
  const document = { point: name, before: before?.value ?? null, written: asRead(text, after), after: after.value };
  await output.result(document, () => `${paint('green', '✓')} ${name} is ${textOf(after)} now`);
}

/** Asks, and writes to all devices of a line at once, of which nothing can be read, before or afterwards. */
async function broadcast({ name, text, write }: Write, asking: Asking, { output }: Context): Promise<void> {
  output.note(`${name} is every device on the line, and none answers`);
  if (!(await isMeant(text, asking, output))) return;
  await write();
  const document = { point: name, before: null, written: typed(text), after: null, confirmed: false };
  await output.result(document, () => `${name}: ${text} was sent to every device, unconfirmed: read them one by one`);
}

async function isMeant(text: string, { yes, signal }: Asking, output: Context['output']): Promise<boolean> {
  if (yes || (await confirm(`write ${text}?`, signal))) return true;
  output.note('nothing was written');
  process.exitCode = 1;
  return false;
}

async function held({ name, read }: Write): Promise<Held | undefined> {
  const reading = await read();
  if (reading?.reason === 'no-answer') throw new GatewayError('no-answer', `${name}: the device does not answer`);
  return reading;
}

/** What was typed, as a number where the device holds one; the name of a state stays what it is. */
function asRead(text: string, { value }: Held): string | number {
  return typeof value === 'number' ? typed(text) : text;
}

function typed(text: string): string | number {
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

function textOf(reading: Held | undefined): string {
  return reading === undefined ? 'not readable' : valueText(reading);
}
