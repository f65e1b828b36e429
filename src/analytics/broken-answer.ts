// What is wrong with an answer that could not be read, by the code that fetch, its parser or zlib has for it.

export interface BrokenAnswer {
  /** Fits behind a colon. */
  readonly what: string;
  readonly remedy: string;
}

const overflow = /HEADERS?_OVERFLOW/;
/** The parser behind fetch, and what it takes for granted about the other end. */
const notHttp = /^(HPE_|UND_ERR_HTTP_PARSER|UND_ERR_RESPONSE|UND_ERR_RES_|ERR_ASSERTION$)/;
const wrongCoding = /^(Z_|ERR__ERROR_|ERR_BROTLI_)/;
const endedEarly = /^UND_ERR_(SOCKET|RES_CONTENT_LENGTH_MISMATCH)$/;

/** Undefined when the code says nothing about an answer. `host` with its port. */
export function brokenAnswer(code: string, host: string): BrokenAnswer | undefined {
  const checkWay = `check api.url, and what proxies between here and ${host} do to answers`;
  if (endedEarly.test(code)) return { what: 'the connection ended before the answer did', remedy: checkWay };
  if (overflow.test(code)) return { what: 'the headers of the answer are too long', remedy: checkWay };
  if (wrongCoding.test(code)) return { what: 'the body cannot be decompressed', remedy: checkWay };
  if (notHttp.test(code)) {
    return {
      what: 'what came is not HTTP',
      remedy: `check the scheme, host and port of api.url: what answers at ${host} does not speak HTTP as it should`,
    };
  }
  return undefined;
}
