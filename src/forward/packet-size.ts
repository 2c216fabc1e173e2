// MQTT 5 3.3: fixed header, topic, packet id, property length, user properties (identifier and two strings), payload.

const FIXED_HEADER = 5; // one byte, and a remaining length of four at most
const PACKET_ID = 2;
const PROPERTY_LENGTH = 4;
const STRING_LENGTH = 2;
const USER_PROPERTY = 1 + 2 * STRING_LENGTH;

/** Bytes of a PUBLISH packet apart from its payload, at most. */
export function packetOverhead(topic: string, properties: Readonly<Record<string, string>>): number {
  const entries = Object.entries(properties);
  return entries.reduce(
    (sum, [name, value]) => sum + USER_PROPERTY + Buffer.byteLength(name) + Buffer.byteLength(value),
    FIXED_HEADER + STRING_LENGTH + Buffer.byteLength(topic) + PACKET_ID + PROPERTY_LENGTH,
  );
}
