// Sparkplug 3.0 4.1: namespace / group / what it is / edge node / device.

export type MessageType = 'NBIRTH' | 'NDEATH' | 'NDATA' | 'NCMD' | 'DBIRTH' | 'DDEATH' | 'DDATA' | 'DCMD';

const NAMESPACE = 'spBv1.0';

export type EdgeNode = { readonly group: string; readonly node: string };

export function topicFor({ group, node }: EdgeNode, type: MessageType, device?: string): string {
  const edge = `${NAMESPACE}/${group}/${type}/${node}`;
  return device === undefined ? edge : `${edge}/${device}`;
}

/** Where a host application says whether it is there (5.2). */
export function stateTopic(host: string): string {
  return `${NAMESPACE}/STATE/${host}`;
}

/** The device that a command is for, undefined for the edge node itself; null where the topic is none of ours. */
export function commandTarget(edge: EdgeNode, topic: string): { readonly device: string | undefined } | null {
  if (topic === topicFor(edge, 'NCMD')) return { device: undefined };
  const devices = `${topicFor(edge, 'DCMD')}/`;
  return topic.startsWith(devices) ? { device: topic.slice(devices.length) } : null;
}
