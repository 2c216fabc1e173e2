import type { Frame } from './frame.ts';
import { manufacturerLetters, printSecondary, readIdentification } from './secondary-address.ts';
import { hexByte } from './qualifiers.ts';
import { control, DIRECTION, information, SELECTED } from './requests.ts';
import { readTelegram } from './telegram.ts';

/** What a frame says, for people. */
export function explainFrame(frame: Frame): string {
  if (frame.kind === 'acknowledgement') return 'acknowledged';
  const place = frame.address === SELECTED ? 'whoever is selected' : `address ${frame.address}`;
  if ((frame.control & DIRECTION) === 0) return `${place}: ${frame.kind === 'long' ? contents(frame) : 'answers'}`;
  if (frame.kind === 'long' && frame.information === information.select) {
    return `select ${printSecondary(readIdentification(frame.data))}`.replaceAll('FFFF', '*');
  }
  return `${place}: ${REQUESTS[frame.control & ~TOGGLE] ?? `request ${hexByte(frame.control)}`}`;
}

const TOGGLE = 0x30;

const REQUESTS: Readonly<Record<number, string>> = {
  [control.reset]: 'reset',
  [control.data & ~TOGGLE]: 'give data',
  [control.send & ~TOGGLE]: 'take data',
};

function contents(frame: Frame & { kind: 'long' }): string {
  const read = readTelegram(frame);
  if (read.kind !== 'data') return read.why;
  const { identification } = read.header;
  const who =
    identification === undefined ? '' : ` of ${identification.id} ${manufacturerLetters(identification.manufacturer)}`;
  return `${read.records.length} records${who}${read.moreFollows ? ', more follow' : ''}`;
}
