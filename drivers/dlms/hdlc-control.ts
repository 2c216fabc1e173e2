import type { Frame } from './hdlc-frame.ts';

// IEC 62056-46, 6.4.3: the control field. N(S) and N(R) are the numbers of frames, modulo 8; P/F asks for an answer, or
// ends one.

const POLL_FINAL = 0x10;

export type Control =
  | { readonly kind: 'I'; readonly send: number; readonly receive: number; readonly final: boolean }
  | { readonly kind: 'RR' | 'RNR' | 'REJ'; readonly receive: number; readonly final: boolean }
  | { readonly kind: 'SNRM' | 'DISC' | 'UA' | 'DM' | 'FRMR' | 'UI'; readonly final: boolean };

const supervisory = { RR: 0x01, RNR: 0x05, REJ: 0x09 } as const;
const unnumbered = { SNRM: 0x83, DISC: 0x43, UA: 0x63, DM: 0x0f, FRMR: 0x87, UI: 0x03 } as const;

export function encodeControl(control: Control): number {
  const final = control.final ? POLL_FINAL : 0;
  if (control.kind === 'I') return (control.receive << 5) | final | (control.send << 1);
  if ('receive' in control) return (control.receive << 5) | final | supervisory[control.kind];
  return unnumbered[control.kind] | final;
}

/** Undefined where the standard knows no such frame. */
export function decodeControl(byte: number): Control | undefined {
  const final = (byte & POLL_FINAL) !== 0;
  if ((byte & 1) === 0) return { kind: 'I', send: (byte >>> 1) & 7, receive: byte >>> 5, final };
  const plain = byte & ~POLL_FINAL;
  if ((byte & 3) === 1) {
    const kind = (['RR', 'RNR', 'REJ'] as const).find((name) => supervisory[name] === (plain & 0x0f));
    return kind === undefined ? undefined : { kind, receive: byte >>> 5, final };
  }
  const kind = (['SNRM', 'DISC', 'UA', 'DM', 'FRMR', 'UI'] as const).find((name) => unnumbered[name] === plain);
  return kind === undefined ? undefined : { kind, final };
}

export function nextNumber(number: number): number {
  return (number + 1) & 7;
}

/** A frame for people: `I 2/1, 103 bytes to 01`. */
export function explainControl({ control, destination, information, segmented }: Frame): string {
  const decoded = decodeControl(control);
  const numbers = decoded === undefined ? '' : numbersOf(decoded);
  const bytes = information.length === 0 ? '' : `, ${information.length} bytes${segmented ? ', to be continued' : ''}`;
  return `${decoded?.kind ?? `control 0x${control.toString(16)}`}${numbers}${bytes} to ${destination.toString('hex')}`;
}

function numbersOf(control: Control): string {
  if (control.kind === 'I') return ` ${control.send}/${control.receive}`;
  return 'receive' in control ? ` ${control.receive}` : '';
}
