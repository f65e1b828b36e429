// Makes foreign text fit for a log line: short, printable, and without anything that could be a secret.

const longestQuotation = 200;
/** Text beyond this is not even looked at. */
const longestText = 4096;
/**
 * Longer runs of these are taken for a token, a key or a secret; LiveKit's secrets have 40 and more. The names of
 * our metrics are as long and are none.
 */
const secretLike = /(?<![\w+=-])(?!livekit_cloud_[a-z_]+(?![\w+=-]))[\w+=-]{32,}(\.[\w+=-]+)*|\beyJ[\w.=-]+/g;
const userInUrl = /\/\/[^/\s@]*@/g;

/** At most 200 characters of `text`, the `secrets` and all that looks like one replaced by `[redacted]`. */
export function quotation(text: string, secrets: readonly string[]): string {
  let quoted = text
    .slice(0, longestText)
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
  for (const secret of secrets) quoted = quoted.replaceAll(secret, '[redacted]');
  return quoted
    .replace(secretLike, '[redacted]')
    .replace(userInUrl, '//[redacted]@')
    .slice(0, longestQuotation)
    .toWellFormed();
}
