import type { Attribute } from './apdu.ts';
import type { Data } from './data.ts';
import { nameBytes } from './logical-name.ts';

/** An object of a played meter. */
export type PlayedObject = {
  readonly classId: number;
  readonly name: string;
  /** What its attributes hold at a moment, by number; the first is always the name. */
  readonly attributes: ReadonlyMap<number, (seconds: number) => Data>;
  /** What a selection of an attribute holds. */
  readonly select?: (attribute: Attribute, seconds: number) => Data | undefined;
  /** Takes a new value; false where it does not want it. Absent: nothing can be set. */
  readonly set?: (index: number, data: Data) => boolean;
};

/** An attribute of an object; undefined where there is none. */
export function heldBy(object: PlayedObject, attribute: Attribute, seconds: number): Data | undefined {
  if (attribute.index === 1) return { type: 'octets', bytes: nameBytes(object.name) };
  if (attribute.selection !== undefined && object.select !== undefined) return object.select(attribute, seconds);
  return object.attributes.get(attribute.index)?.(seconds);
}

const READ = 1;
const READ_AND_WRITE = 3;

/** IEC 62056-62, association LN, object_list: every object with what may be done with its attributes. */
export function objectList(objects: readonly PlayedObject[]): Data {
  return {
    type: 'array',
    items: objects.map(({ classId, name, attributes, set }) => ({
      type: 'structure',
      items: [
        { type: 'uint16', value: classId },
        { type: 'uint8', value: 0 },
        { type: 'octets', bytes: nameBytes(name) },
        {
          type: 'structure',
          items: [
            {
              type: 'array',
              items: [1, ...attributes.keys()].map((index) => accessTo(index, set !== undefined && index === 2)),
            },
            { type: 'array', items: [] },
          ],
        },
      ],
    })),
  };
}

function accessTo(index: number, isWritable: boolean): Data {
  return {
    type: 'structure',
    items: [
      { type: 'int8', value: index },
      { type: 'enum', value: isWritable ? READ_AND_WRITE : READ },
      { type: 'null' },
    ],
  };
}
