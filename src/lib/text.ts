// How text is written for logs, terminals and URLs: foreign text short, printable and without anything that could be a
// secret, long text in lines that fit, addresses with their port.

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

/** Control characters, which could forge a line or a command, and bidirectional ones, which change how a line reads. */
export const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Lines of `columns` at most, where words are not longer: `first` and the text, then `margin` and the text. */
export function wrapped(text: string, columns: number, margin: string, first = margin): string[] {
  const [start = '', ...words] = text.split(' ');
  const lines = first.length + start.length > columns ? [first.trimEnd(), margin + start] : [first + start];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= columns) lines.splice(-1, 1, longer);
    else lines.push(margin + word);
  }
  return lines;
}

/** `host` '' means all interfaces, IPv6 and IPv4; an IPv6 address has no brackets. `port` 0 means any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** "127.0.0.1:17880", "[::1]:17880". */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
