import { GatewayError, messageOf } from '../model/errors.ts';
import type { Library } from './opcua-library.ts';

/** What the stack does with a DataChangeNotification when it is not kept from it. */
let decode: Library.DataChangeNotification['decode'] | undefined;

const contents = new WeakMap<Library.DataChangeNotification, Buffer>();

/**
 * Has the stack leave the content of each DataChangeNotification as it came: taken apart by it, each value is six objects,
 * and half the work of a busy connection is to collect them again. What does not fit its description, the stack also
 * leaves out without a word. In this process only clients of ours receive such a thing.
 */
export function keepContents({ DataChangeNotification: { prototype } }: typeof Library): void {
  if (decode !== undefined) return;
  // oxlint-disable-next-line typescript/unbound-method -- it is called on a notification, below
  decode = prototype.decode;
  prototype.decode = keep;
}

function keep(this: Library.DataChangeNotification, stream: Library.BinaryStream): void {
  // Part 6, 5.2.2.15: an ExtensionObject says before its content, in four bytes, how long that is.
  const length = stream.buffer.readUInt32LE(stream.length - 4);
  contents.set(this, stream.buffer.subarray(stream.length, stream.length + length));
  stream.length += length;
}

/** The content of a notification that the stack has received; empty where it came some other way. */
export function contentOf(notification: Library.DataChangeNotification): Buffer {
  return contents.get(notification) ?? Buffer.alloc(0);
}

/** The content as the stack takes it apart. Throws `answer-malformed` where it does not fit its description. */
export function decodeContent(
  { BinaryStream, DataChangeNotification }: typeof Library,
  content: Buffer,
): Library.DataChangeNotification {
  const notification = new DataChangeNotification();
  try {
    decode?.call(notification, new BinaryStream(content));
  } catch (error) {
    throw senseless(error);
  }
  return notification;
}

/** What is wrong with a notification that could not be taken apart. */
export function senseless(error: unknown): GatewayError {
  return new GatewayError('answer-malformed', `a notification makes no sense: ${messageOf(error)}`, { cause: error });
}
