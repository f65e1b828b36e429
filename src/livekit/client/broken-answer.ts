// What is wrong with an answer that could not be read, by what node:http or zlib says of it.

export interface BrokenAnswer {
  /** Fits behind a colon. */
  readonly what: string;
  readonly remedy: string;
}

const notHttp = /^(HPE_|ERR_HTTP_PROTOCOL$)/;
const wrongCoding = /^(Z_|ERR__ERROR_|ERR_BROTLI_)/;
/** Before the answer has begun, and after; the code of both is that of a reset. */
const endedEarly = /^(socket hang up|aborted)$/;

/** Undefined when an error says nothing about an answer. `host` with its port. */
export function brokenAnswer(code: string, message: string, host: string): BrokenAnswer | undefined {
  const checkWay = `check api.url, and what proxies between here and ${host} do to answers`;
  if (endedEarly.test(message))
    return { what: 'the connection ended before the answer did', remedy: checkWay };
  if (code === 'HPE_HEADER_OVERFLOW')
    return { what: 'the headers of the answer are too long', remedy: checkWay };
  if (wrongCoding.test(code)) return { what: 'the body cannot be decompressed', remedy: checkWay };
  if (notHttp.test(code)) {
    return {
      what: 'what came is not HTTP',
      remedy: `check the scheme, host and port of api.url: what answers at ${host} does not speak HTTP as it should`,
    };
  }
  return undefined;
}
