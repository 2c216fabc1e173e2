import type { Frame } from './frame.ts';
import { encodeSecondary, type SecondaryAddress } from './secondary-address.ts';

/** Control fields of requests (EN 13757-2, 5.7.2), without what counts them. */
export const control = {
  /** SND_NKE: the meter begins anew, and is no longer selected. */
  reset: 0x40,
  /** REQ_UD2: the meter gives its data. */
  data: 0x5b,
  /** SND_UD: the meter takes data. */
  send: 0x53,
} as const;

/** Set in every request, and in no answer. */
export const DIRECTION = 0x40;
export const COUNT = 0x20;

export const information = {
  /** The data are a secondary address; it answers to address 253 from then on. */
  select: 0x52,
} as const;

/** The address of whoever was selected (EN 13757-7, 5.3). */
export const SELECTED = 253;

export function reset(address: number): Frame {
  return { kind: 'short', control: control.reset, address };
}

/** `count` changes with each request that was answered: a meter repeats what it said to one that has not. */
export function requestData(address: number, count: boolean): Frame {
  return { kind: 'short', control: control.data | (count ? COUNT : 0), address };
}

export function select(address: SecondaryAddress): Frame {
  return {
    kind: 'long',
    control: control.send,
    address: SELECTED,
    information: information.select,
    data: encodeSecondary(address),
  };
}
