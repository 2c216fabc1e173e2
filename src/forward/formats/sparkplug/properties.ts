import { qualityNames, reasonNames } from '../../../journal/codec.ts';
import { Output } from './output.ts';
import { datatypes, propertySetTags, propertyTags, qualityCodes } from './schema.ts';

// Property sets of metrics (Sparkplug 3.0 6.4.14): what is not in a value.

export type Properties = Readonly<Record<string, Property>>;
type Property =
  | { readonly type: 'int32' | 'dateTime'; readonly value: number }
  | { readonly type: 'string'; readonly value: string };

/** The bytes of a property set. */
export function propertySet(properties: Properties): Buffer {
  const output = new Output();
  for (const name of Object.keys(properties)) {
    output.byte(propertySetTags.key);
    output.text(name);
  }
  for (const property of Object.values(properties)) {
    const value = propertyValue(property);
    output.reserve(value.length + 11);
    output.byte(propertySetTags.value);
    output.unsigned(value.length);
    output.raw(value);
  }
  return output.take();
}

function propertyValue(property: Property): Buffer {
  const output = new Output();
  output.byte(propertyTags.type);
  output.unsigned(datatypes[property.type]);
  if (property.type === 'string') {
    output.byte(propertyTags.string);
    output.text(property.value);
  } else {
    output.byte(property.type === 'int32' ? propertyTags.int : propertyTags.long);
    output.unsigned(property.value);
  }
  return output.take();
}

const SILENT: readonly (string | undefined)[] = ['no-answer', 'not-connected'];

/** Whether a reading says no more than that nothing could be heard; qualities and reasons by their stored numbers. */
export function isSilence(quality: number, reason: number): boolean {
  return qualityNames[quality] === 'bad' && SILENT.includes(reasonNames[reason]);
}

/** Quality and reason of a reading, by their stored numbers. A value that nobody vouches for is stale. */
export function qualityProperties(quality: number, reason: number): Properties {
  const name = qualityNames[quality] ?? 'bad';
  const code = { good: qualityCodes.good, uncertain: qualityCodes.stale, bad: qualityCodes.bad }[name];
  const why = reasonNames[reason];
  return {
    Quality: { type: 'int32', value: isSilence(quality, reason) ? qualityCodes.stale : code },
    ...(why !== undefined && { Reason: { type: 'string', value: why } }),
  };
}
