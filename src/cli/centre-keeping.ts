import { InvalidArgumentError, Option, type Command } from 'commander';
import { openSink, sinkFormats, type Sink, type SinkFormat } from '../centre/sink.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { CentreProgress } from './centre-progress.ts';

/** Where a centre keeps what arrives, and whether all of it comes to this one. */
export type KeepingOptions = {
  readonly output?: string;
  readonly format?: SinkFormat;
  readonly store?: string;
  readonly share?: string;
  readonly clientId?: string;
};

export function withKeepingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--store <place>',
        'keep what arrives and the ledger: a SQLite file, or postgres://user@host/database',
      ).conflicts('output'),
    )
    .addOption(
      new Option('--share <group>', 'share the messages with the other centres of this group')
        .conflicts(['untilContiguous', 'every', 'repair'])
        .argParser(shareGroup),
    )
    .option('--output <file>', 'append what arrives to this file: .ndjson or .csv')
    .addOption(new Option('--format <format>', 'the form of --output, whatever its ending').choices(sinkFormats));
}

/** Opens what the options name; undefined where nothing is kept. */
export function openKeeping(
  { output, format, store }: KeepingOptions,
  progress: CentreProgress,
  clock: Clock,
): Promise<Sink> | Sink | undefined {
  if (store === undefined) return output === undefined ? undefined : openSink(output, format);
  return import('../centre/store/open.ts').then(({ openStore }) =>
    openStore(store, clock, (event) => progress.heardStore(event)),
  );
}

/** Throws where a part of the messages would go to a place of its own. */
export function checkShare({ share, store, clientId }: KeepingOptions): void {
  if (share === undefined) return;
  // A part of the messages proves nothing: it takes a place where all parts come together.
  if (store === undefined || !store.includes('://')) {
    throw new GatewayError('usage', '--share needs --store with a PostgreSQL url, where the parts come together');
  }
  if (clientId === undefined) {
    throw new GatewayError('usage', '--share needs --client-id: what a centre has not acknowledged waits for it');
  }
}

function shareGroup(text: string): string {
  // MQTT 5 4.8.2
  if (text !== '' && !/[/+#]/.test(text)) return text;
  throw new InvalidArgumentError('It must be a name without / + and #.');
}
