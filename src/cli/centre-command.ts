import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { OutgoingCommand, Presence, ReceivedResult } from '../centre/command.ts';
import { replayOf } from '../centre/command.ts';
import { brokerSettings, type BrokerOptions } from './centre-broker.ts';
import { contextOf, examples } from './context.ts';
import { bareText, paint, printable } from './format.ts';
import { interruption } from './interruption.ts';
import { integer } from './program.ts';
import { SPAN_HELP, spanOf, type SpanOptions, withSpan } from './span.ts';

const LONGEST_VALIDITY = 15 * 60; // seconds
const LONGEST_PATIENCE = 3600;

type SendOptions = BrokerOptions & {
  readonly validity: number;
  readonly patience: number;
  readonly id?: string;
};

const WHAT_COMES_BACK = `
The options of \`weir centre\` that name the broker apply here too. What the gateway says became of it:
  done      the device holds the value       failed    the device does not hold it
  unknown   nobody can say: look             rejected  it was never sent to the device, and why
Exit code 0: done; 1: anything else; 69: no answer. A command is never repeated, neither by this command nor by the
gateway: the id makes a second one of the same name a replay.`;

/** Adds \`weir centre command\` below \`weir centre\`, whose options name the broker. */
export function registerCentreCommands(centre: Command): void {
  withSendOptions(centre.command('command'))
    .description('ask a gateway to write a value to a point, as a control centre does, and show what became of it')
    .argument('<gateway>', 'id of the gateway')
    .argument('<point>', 'the point, as device/point')
    .argument('<value>', 'in the unit of the point: a number, true or false, or text')
    .action(async function write(this: Command, gateway: string, target: string, value: string) {
      await send({ gateway, body: { target, value: valueOf(value) } }, this);
    })
    .addHelpText('after', WHAT_COMES_BACK)
    .addHelpText(
      'after',
      examples(
        'weir centre command harbour-07 boiler/setpoint 45.5',
        'weir centre command harbour-07 boiler/pump true --validity 10 --url mqtts://broker.example --json',
      ),
    );
  withSpan(withSendOptions(centre.command('replay')))
    .description('have a gateway send readings once more, which a broker or a centre has lost')
    .argument('<gateway>', 'id of the gateway')
    .option('--epoch <epoch>', 'of the journal that the sequences are counted in, where it must be that one')
    .action(async function replay(this: Command, gateway: string, options: SpanOptions & { readonly epoch?: string }) {
      const span = spanOf(options, contextOf(this).clock.wall());
      await send({ gateway, body: { replay: replayOf(span, options.epoch) } }, this);
    })
    .addHelpText('after', SPAN_HELP + WHAT_IT_NEEDS)
    .addHelpText(
      'after',
      examples(
        'weir centre replay harbour-07 --from 120001 --to 125000',
        'weir centre replay harbour-07 --from 2026-11-30T08:00 --to 2026-11-30T09:00 --url mqtts://broker.example',
      ),
    );
  withSendOptions(centre.command('catalogue'))
    .description('have a gateway publish its catalogue once more: what its points are, and in which units')
    .argument('<gateway>', 'id of the gateway')
    .action(async function catalogue(this: Command, gateway: string) {
      await send({ gateway, body: { catalogue: true } }, this);
    })
    .addHelpText('after', examples('weir centre catalogue harbour-07'));
}

const WHAT_IT_NEEDS = `
The destination of the gateway must allow it: commands: { replay: {} }. \`weir centre --repair\` asks by itself for what is missing.`;

function withSendOptions(command: Command): Command {
  return command
    .option('--validity <seconds>', 'the gateway must not begin later', integer(1, LONGEST_VALIDITY), 60)
    .option('--patience <seconds>', 'how long to wait for what became of it', integer(1, LONGEST_PATIENCE), 90)
    .option('--id <id>', 'name of the command, for ever (default: a new one)');
}

async function send(wanted: Pick<OutgoingCommand, 'gateway' | 'body'>, command: Command): Promise<void> {
  const context = contextOf(command);
  const { validity, patience, id = randomUUID(), ...broker } = command.optsWithGlobals<SendOptions>();
  const { sendCommand } = await import('../centre/command.ts');
  // Never under the name of a centre that receives: the broker would throw that out.
  const { clientId: _clientId, ...nameless } = broker;
  const settings = await brokerSettings(nameless, `weir-command-${randomUUID().slice(0, 8)}`);
  const sent = (presence: Presence): void => context.output.note(sentText(wanted.gateway, presence, patience));
  const outgoing = { ...wanted, id, validity: validity * 1000, patience: patience * 1000, sent };
  using _progress = context.output.progress(`waiting for ${wanted.gateway}`);
  const result = await sendCommand(settings, outgoing, context.clock, interruption());
  await context.output.result(result, () => resultText(result));
  if (result.status !== 'done') process.exitCode = 1;
}

function sentText(gateway: string, presence: Presence, patience: number): string {
  const asked = { online: 'is asked', offline: 'is offline, says the broker', unknown: 'is not known to this broker' };
  return `${gateway} ${asked[presence]}; waiting up to ${patience} s for what it says`;
}

function resultText({ gateway, target, status, reason, detail, value }: ReceivedResult): string {
  const what = printable(`${target ?? 'command'} of ${gateway}`);
  if (status === 'done') {
    return `${paint('green', '✓')} ${what}${detail === null ? heldText(value) : `: ${printable(detail)}`}`;
  }
  const why = [reason, detail].filter((word) => word !== null).join(': ');
  return paint(status === 'unknown' ? 'yellow' : 'red', `✗ ${what}: ${status}: ${printable(why)}`);
}

function heldText(value: ReceivedResult['value']): string {
  return value === null ? ' is done' : ` holds ${bareText(value)} now`;
}

/** What was typed, as JSON has it: a number where it is one as a whole, and exact. */
function valueOf(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && String(number) === text ? number : text;
}
