// Makes foreign text fit for a log line: short, printable, and without anything that could be a secret.

const longestQuotation = 200;
/** Text beyond this is not even looked at. */
const longestText = 4096;
/** Tokens, keys and secrets: LiveKit's secrets have 40 characters and more. Names of our metrics are as long, and none. */
const secretLike = /(?<![\w+=-])(?!livekit_cloud_[a-z_]+(?![\w+=-]))[\w+=-]{32,}(\.[\w+=-]+)*|\beyJ[\w.=-]+/g;
const userInUrl = /\/\/[^/\s@]*@/g;

/** At most 200 characters of `text`, the `secrets` and all that looks like one replaced by `[redacted]`. */
export function quotation(text: string, secrets: readonly string[]): string {
  let quoted = text
    .slice(0, longestText)
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{DI}]/gu, '')
    .trim();
  for (const secret of secrets) quoted = quoted.replaceAll(secret, '[redacted]');
  // The beginning of one that the end of the text has cut is not found.
  if (text.length > longestText) {
    const longestSecret = Math.max(0, ...secrets.map(({ length }) => length));
    quoted = quoted.slice(0, Math.max(0, quoted.length - longestSecret));
  }
  quoted = quoted
    .replace(secretLike, '[redacted]')
    .replace(userInUrl, '//[redacted]@')
    .slice(0, longestQuotation);
  // A copy: what is cut from a text keeps all of the text in memory. Half a character becomes a replacement one.
  return Buffer.from(quoted).toString();
}
