/** A part of a structure: names of its fields, and indexes into those that are arrays. */
export type MemberPath = readonly (string | number)[];

/** The path that `axes[2].position` writes, or the sentence that says what is wrong with it. */
export function parseMember(text: string): MemberPath | string {
  const isPath = /^[\p{L}_][\p{L}\d_-]*(\[\d{1,6}\])*(\.[\p{L}_][\p{L}\d_-]*(\[\d{1,6}\])*)*$/u.test(text);
  if (!isPath || text.length > 512)
    return `"${text}" is no path in a structure; write e.g. position.x or axes[2].speed`;
  return [...text.matchAll(/([\p{L}_][\p{L}\d_-]*)|\[(\d+)\]/gu)].map(([, name, index]) => name ?? Number(index));
}
