import { isMap, parseDocument, type Document } from 'yaml';
import { GatewayError } from '../model/errors.ts';

type Keys = Readonly<Record<string, unknown>>;

/** A device to be put into a configuration, or points to be added to one that is there. */
export type AddedDevice = {
  readonly id: string;
  /** Its keys besides `points`, where it is not there yet. */
  readonly keys: Keys;
  readonly points: Readonly<Record<string, Keys>>;
};

/**
 * The text of a configuration with a device added, or with points added to it; everything else, comments among it, stays
 * as it was. Throws `configuration-invalid` where the text is no such map, `usage` where a point of that name is there.
 */
export function withDevice(text: string, { id, keys, points }: AddedDevice): string {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw new GatewayError('configuration-invalid', fault.message);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new GatewayError('configuration-invalid', 'the configuration is no map');
  }
  if (!document.hasIn(['devices', id])) document.setIn(['devices', id], document.createNode(keys));
  const taken = Object.keys(points).filter((name) => document.hasIn(['devices', id, 'points', name]));
  if (taken.length > 0) throw new GatewayError('usage', `${id} has these points already: ${taken.join(', ')}`);
  for (const [name, point] of Object.entries(points)) addPoint(document, ['devices', id, 'points', name], point);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** A point on one line, as people write them. */
function addPoint(document: Document, path: readonly string[], point: Keys): void {
  document.setIn(path, document.createNode(point, { flow: true }));
}
