type Content = string | number | boolean | null | undefined;

/** A record of RFC 4180 without its line end; null and undefined are empty fields. */
export function csvRecord(contents: readonly Content[]): string {
  return contents.map(field).join(',');
}

function field(content: Content): string {
  const text = String(content ?? '');
  // RFC 4180, 2.6 and 2.7.
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
