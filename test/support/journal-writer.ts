import { writeSync } from 'node:fs';
import { asGatewayError } from '../../src/model/errors.ts';
import { readingClasses } from '../../src/model/point.ts';
import { countersFrom, openTestJournal } from './journals.ts';

// A process that fills the journal in a folder with counters until it is killed: the value of each reading is its
// sequence. It says what was committed, a line each: `open <last>`, then `<first> <count>` for every batch, and at an
// error its code. With `stamped` a line ends with the nanoseconds of the monotonic clock after the commit.
// Usage: journal-writer.ts FOLDER [BATCHES [KEEP-BYTES [stamped]]]

const [folder = '.', batches = 'Infinity', keep = String(2 ** 30), stamped] = process.argv.slice(2);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

// Several batches wait at any time, so that commits are groups; sizes on both sides of what is compressed.
const IN_FLIGHT = 4;
const LARGEST = 1_500;

async function write(): Promise<void> {
  say('begin');
  await using journal = await openTestJournal(folder, { keep: { size: Number(keep), age: 1e12 } });
  await journal.destinations(['centre']);
  say(`open ${journal.last}`);
  let next = journal.last + 1;
  let left = Number(batches);
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const count = 1 + Math.floor(Math.random() ** 3 * LARGEST);
      const from = next;
      next += count;
      const batch = countersFrom(from, count, { class: readingClasses[from % readingClasses.length] ?? 'normal' });
      const { first } = await journal.append(batch);
      say(`${first} ${count}${stamped === undefined ? '' : ` ${process.hrtime.bigint()}`}`);
      journal.acknowledged('centre', { after: first - 1, upto: first });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

try {
  await write();
} catch (error) {
  const { code, message } = asGatewayError(error, 'failed');
  say(`error ${code} ${message}`);
  process.exitCode = 1;
}
