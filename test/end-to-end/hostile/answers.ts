// What a hostile API answers, and what has to come of it: a failure with a reason and words, or rows taken one by one.
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import type { FailureReason } from '../../../src/core/source-error.ts';
import type { RejectionReason } from '../../../src/core/session-row.ts';
import { type Answer, row, rows, send, sendForever } from './api.ts';

interface Failure {
  readonly reason: FailureReason;
  readonly words: RegExp;
}

export interface HostileCase {
  readonly name: string;
  readonly answer: Answer;
  /** Why every poll fails; absent when polls succeed. */
  readonly failure?: Failure;
  /** The rooms that are published all the same. */
  readonly rooms?: readonly string[];
  /** Why rows are rejected. */
  readonly rejected?: readonly RejectionReason[];
}

const MiB = 2 ** 20;
const tooLong = { reason: 'schema', words: /answered more than 1 MiB/ } as const;
const notJson = {
  reason: 'schema',
  words: /answered \d+ bytes that are not JSON, or not all of it/,
} as const;
const noPage = { reason: 'schema', words: /is not a page of sessions/ } as const;
const noRow = { reason: 'schema', words: /no row of the session list could be used/ } as const;
const timedOut = { reason: 'timeout', words: /was not answered (in full )?within 0\.5 s/ } as const;
const broken = { reason: 'network', words: /sessions failed: \S/ } as const;
const redirected = { reason: 'network', words: /answered 30\d: a redirect to http/ } as const;

function body(content: string | Buffer, head?: string): Answer {
  return (exchange) => send(exchange, content, head);
}

/** These bytes; then the connection stays open, or is ended or reset. */
function bytes(content: string | Buffer, then: 'open' | 'end' | 'reset' = 'open'): Answer {
  return ({ socket }) => {
    socket.write(content, () => {
      if (then === 'end') socket.end();
      if (then === 'reset') socket.resetAndDestroy();
    });
  };
}

/** A head, and then a piece without end. */
function endless(head: string, piece: string | Buffer): Answer {
  return ({ socket }) => {
    socket.write(`${head}\r\n`);
    sendForever(socket, piece);
  };
}

/** A head, and then a byte at a time. */
function dripping(head: string, piece: string): Answer {
  return ({ socket }) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(piece), 20);
    socket.on('close', () => clearInterval(timer));
  };
}

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n`;

function chunk(content: string | Buffer): Buffer {
  const piece = Buffer.from(content);
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
}

/** `{"a":{"a":…}}`, or `[[…]]`. */
function nested(open: string, close: string, depth = 100_000): string {
  return open.repeat(depth) + (open.endsWith(':') ? '0' : '') + close.repeat(depth);
}

function failing(name: string, answer: Answer, failure: Failure): HostileCase {
  return { name, answer, failure };
}

/** 64 MiB of blanks in 64 KiB, which can follow each other without end. */
const bomb = gzipSync(Buffer.alloc(64 * MiB, ' '));
/** In the default quality it takes seconds to make, and is no smaller. */
const brotliBomb = brotliCompressSync(Buffer.alloc(64 * MiB), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
});

const bodies: readonly HostileCase[] = [
  failing('an endless body', endless(chunked, chunk(' '.repeat(65_536))), tooLong),
  failing(
    'an endless body without a length',
    endless(`${ok}Connection: close\r\n`, ' '.repeat(65_536)),
    tooLong,
  ),
  failing('a body of 3 MiB that is in order', body(`{"sessions":[]${' '.repeat(3 * MiB)}}`), tooLong),
  failing('an endless gzip bomb', endless(`${chunked}Content-Encoding: gzip\r\n`, chunk(bomb)), tooLong),
  failing('a gzip bomb in gzip', body(gzipSync(bomb), `${ok}Content-Encoding: gzip, gzip`), tooLong),
  failing('a brotli bomb', body(brotliBomb, `${ok}Content-Encoding: br`), tooLong),
  failing(
    'a deflate bomb',
    body(deflateSync(Buffer.alloc(16 * MiB)), `${ok}Content-Encoding: deflate`),
    tooLong,
  ),
  failing(
    'gzip without end that holds nothing',
    endless(`${chunked}Content-Encoding: gzip\r\n`, chunk(gzipSync(''))),
    timedOut,
  ),
  failing(
    'a hundred content codings',
    body('{}', `${ok}Content-Encoding: ${'gzip, '.repeat(99)}gzip`),
    broken,
  ),
  failing(
    'a refusal as a deflate bomb',
    body(deflateSync(Buffer.alloc(16 * MiB)), 'HTTP/1.1 500 No\r\nContent-Encoding: deflate'),
    { reason: 'server', words: /answered 500/ },
  ),
  failing('gzip that is none', body('{"sessions":[]}', `${ok}Content-Encoding: gzip`), {
    reason: 'network',
    words: /cannot be decompressed/,
  }),
  failing('a body by the byte', dripping(`${chunked}\r\n`, '1\r\n \r\n'), timedOut),
  failing('an endless body in chunks of a byte', endless(chunked, '1\r\n \r\n'.repeat(10_000)), {
    reason: 'schema',
    words: /./,
  }),
  failing('nothing after the head', bytes(`${ok}Content-Length: 10\r\n\r\n`), timedOut),
  failing('an empty body', body(''), notJson),
  failing('a million rows', body(`{"sessions":[${`${row()},`.repeat(1e6 / 100)}${row()}]}`), tooLong),
  failing('300,000 empty rows', body(`{"sessions":[${'{},'.repeat(3e5)}{}]}`), noPage),
  failing('the same page of nothing for ever', (exchange) => send(exchange, '{"sessions":[{}]}'), noRow),
  failing('the same page for ever', (exchange) => send(exchange, `{"sessions":[${row()}]}`), {
    reason: 'schema',
    words: /the session list has no end/,
  }),
];

const json: readonly HostileCase[] = [
  failing('nested arrays', body(nested('[', ']')), noPage),
  failing('nested objects', body(nested('{"a":', '}')), noPage),
  failing('nested arrays as rows', rows(nested('[', ']')), noRow),
  failing('nested arrays that are not closed', body(nested('[', '')), notJson),
  failing('nested errors', body(nested('{"error":', '}')), noPage),
  failing('a megabyte of nesting', body(nested('[', ']', MiB / 2)), noPage),
  failing(
    'as many errors as there is room for',
    body(`{"errors":[${'{"message":"no"},'.repeat(60_000)}0]}`),
    noPage,
  ),
  failing(
    'a hundred thousand keys',
    body(`{${Array.from({ length: 1e5 }, (_, n) => `"${n.toString(36)}":0,`).join('')}"a":0}`),
    noPage,
  ),
  failing('sessions in __proto__', body(`{"__proto__":{"sessions":[${row()}]}}`), noPage),
  failing('a list that is none', body('{"sessions":{"length":1000000000,"0":{}}}'), noPage),
  failing('NaN', body('{"sessions":[{"bandwidthIn":NaN}]}'), notJson),
  failing('a NUL byte', body('{"sessions":["\0"]}'), notJson),
  failing('UTF-16', body(Buffer.from('{"sessions":[]}', 'utf16le')), notJson),
  {
    name: 'rows made of prototypes',
    answer: rows(
      row(),
      `{"__proto__":${row({ sessionId: 'RM_proto' })}}`,
      `{"constructor":{"prototype":${row({ sessionId: 'RM_constructor' })}}}`,
      row({ sessionId: '__proto__', roomName: '__proto__' }),
      row({
        sessionId: 'constructor',
        roomName: 'constructor',
        createdAt: { seconds: 1e9, __proto__: null },
      }),
      row({ sessionId: 'hasOwnProperty', roomName: 'hasOwnProperty', egress: 'toString' }),
    ),
    rooms: ['a good room', '__proto__', 'constructor'],
    rejected: ['invalid_session_id', 'invalid_egress'],
  },
  {
    name: 'long values in every field',
    answer: rows(
      row(),
      ...[
        'sessionId',
        'roomName',
        'createdAt',
        'lastActive',
        'endedAt',
        'bandwidthIn',
        'numParticipants',
        'egress',
      ].map((field) => row({ sessionId: field, [field]: '1'.repeat(100_000) })),
    ),
    rooms: ['a good room'],
    rejected: [
      'invalid_session_id',
      'invalid_room_name',
      'invalid_timestamp',
      'invalid_number',
      'invalid_egress',
    ],
  },
  failing('a name of 10 MB', rows(row({ roomName: 'n'.repeat(10 * MiB) })), tooLong),
  failing('an id of 10 MB', rows(row({ sessionId: 'n'.repeat(10 * MiB) })), tooLong),
  {
    name: 'nesting in every field',
    answer: rows(
      row(),
      ...['sessionId', 'roomName', 'createdAt', 'bandwidthIn', 'egress'].map((field) =>
        row({ sessionId: field, [field]: 0 }).replace(/0\}$/, `${nested('[', ']', 10_000)}}`),
      ),
    ),
    rooms: ['a good room'],
    rejected: [
      'invalid_session_id',
      'invalid_room_name',
      'invalid_timestamp',
      'invalid_number',
      'invalid_egress',
    ],
  },
  {
    name: 'numbers at the edge',
    answer: rows(
      row({ bandwidthIn: 0 }).replace('"bandwidthIn":0', '"bandwidthIn":-0'),
      ...[
        '1e400',
        '-1',
        '1.5',
        '"1e3"',
        '"NaN"',
        '"Infinity"',
        `"${'9'.repeat(100)}"`,
        '18446744073709551617',
        '{}',
        'true',
      ].map((number, index) =>
        row({ sessionId: `RM_${String(index)}`, bandwidthIn: 0 }).replace(
          '"bandwidthIn":0',
          `"bandwidthIn":${number}`,
        ),
      ),
    ),
    rooms: ['a good room'],
    rejected: ['invalid_number', 'negative_number'],
  },
  {
    name: 'keys that come twice',
    answer: rows(`{"roomName":"the first","sessionId":7,${row().slice(1)}`),
    rooms: ['a good room'],
  },
  {
    name: 'names of any character',
    answer: rows(
      ...hostileNames().map((roomName, index) => row({ sessionId: `RM_${String(index)}`, roomName })),
      row({ sessionId: 'RM_lone' }).replace('a good room', '\\ud83d lone \\udd25'),
    ),
    rooms: [...hostileNames(), '\ufffd lone \ufffd'],
  },
  {
    name: 'bytes that are no UTF-8',
    answer: (exchange) => {
      const [before = '', after = ''] = row().split('a good room');
      const name = Buffer.from([0x61, 0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0x62]);
      const page = Buffer.concat([Buffer.from(`{"sessions":[${before}`), name, Buffer.from(`${after}]}`)]);
      send(exchange, exchange.page === 0 ? page : '{}');
    },
    rooms: [`a${'\ufffd'.repeat(6)}b`],
  },
];

/** Room names that want to be something else: markup, a command of a terminal, another line, another direction. */
export function hostileNames(): readonly string[] {
  return [
    '<img src="https://evil.invalid/" onerror="document.title=1">',
    '</bdi></table><script>document.title=1</script>',
    '"} 1\nlivekit_cloud_up{project="forged"} 1',
    "' onmouseover='alert(1)",
    '\u202egnp.exe\u2066\u2067\u2068',
    'pay\u200bpal\u200d\u200c\u2060\ufeff',
    '\u001b[2J\u001b]0;title\u0007 bell and\r return',
    '\0 begins with nothing',
    '\u2028 lines \u2029',
    `${'🏢'.repeat(500)}`,
    'ﷺ'.repeat(300),
    `z${'\u0301\u0328'.repeat(200)}algo`,
    '%s%n${7*7}{{7*7}}$(id)`id`',
    '__other__ ',
  ];
}

const http: readonly HostileCase[] = [
  ...[401, 403, 404].map((status) =>
    failing(
      `the page of a firewall with ${String(status)}`,
      body(
        '<!doctype html><title>Just a moment...</title>',
        `HTTP/1.1 ${String(status)} No\r\nContent-Type: text/html\r\nServer: cloudflare`,
      ),
      {
        reason: 'network',
        words: /answered 40\d with a web page titled "Just a moment\.\.\." \(Server: cloudflare\)/,
      },
    ),
  ),
  ...[301, 302, 303, 307, 308].map((status) =>
    failing(
      `a redirect with ${String(status)}`,
      (exchange) => send(exchange, '', `HTTP/1.1 ${String(status)} Moved\r\nLocation: ${exchange.elsewhere}`),
      redirected,
    ),
  ),
  failing('headers without end', endless(ok.slice(0, -2), 'X-More: and more\r\n'.repeat(1000)), broken),
  failing('a header of 1 MiB', bytes(`${ok}X-Long: ${'x'.repeat(MiB)}\r\n\r\n{}`), broken),
  failing('a head by the byte', dripping('HTTP/1.1 200 OK\r\nX-Slow: ', 'x'), timedOut),
  failing(
    '100 Continue without end',
    endless('HTTP/1.1 100 Continue\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'),
    broken,
  ),
  failing(
    '103 Early Hints without end',
    endless('HTTP/1.1 103 Early Hints\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
    timedOut,
  ),
  failing(
    'an upgrade nobody asked for',
    bytes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'),
    broken,
  ),
  failing(
    'trailers without end',
    endless(`${chunked}Trailer: x\r\n\r\n2\r\n{}\r\n0`, 'X-More: and more\r\n'.repeat(1000)),
    broken,
  ),
  failing('chunk extensions without end', endless(`${chunked}\r\n1`, ';and=more'.repeat(1000)), broken),
  failing('a chunk as long as can be', bytes(`${chunked}\r\nffffffffffffffffff\r\n`), broken),
  failing('a chunk without a length', bytes(`${chunked}\r\n-1\r\n{}\r\n0\r\n\r\n`), broken),
  failing('two lengths', bytes(`${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`), broken),
  failing('a length below zero', bytes(`${ok}Content-Length: -1\r\n\r\n{}`), broken),
  failing('a length and chunks', bytes(`${chunked}Content-Length: 2\r\n\r\n{}`), broken),
  failing(
    'a length that is too long',
    bytes(`${ok}Content-Length: 100\r\n\r\n{"sessions":[]}`, 'end'),
    broken,
  ),
  failing('a length that is too short', bytes(`${ok}Content-Length: 5\r\n\r\n{"sessions":[]}`), notJson),
  failing('a reset within the body', bytes(`${chunked}\r\n5\r\n{"ses\r\n`, 'reset'), broken),
  failing('a reset within the head', bytes('HTTP/1.1 200', 'reset'), broken),
  failing('an end before the answer', bytes('', 'end'), broken),
  failing('no HTTP', bytes('SSH-2.0-OpenSSH_9.2p1\r\n'), broken),
  failing('HTTP without a status', bytes('HTTP/1.1 \r\n\r\n{}'), broken),
  failing('a status of four digits', bytes('HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}'), broken),
  failing('a NUL in a header', bytes(`${ok}X-Nul: \0\r\nContent-Length: 2\r\n\r\n{}`), broken),
  failing('204', bytes('HTTP/1.1 204 No Content\r\n\r\n'), notJson),
  failing(
    'a way elsewhere in all headers',
    (exchange) => {
      const { elsewhere } = exchange;
      send(
        exchange,
        '{"error":"go"}',
        `HTTP/1.1 404 No\r\nLocation: ${elsewhere}\r\nRefresh: 0; url=${elsewhere}\r\nLink: <${elsewhere}>; rel=preload\r\nAlt-Svc: h2="${elsewhere}"`,
      );
    },
    { reason: 'not_found', words: /answered 404/ },
  ),
  failing('304', bytes('HTTP/1.1 304 Not Modified\r\n\r\n'), { reason: 'server', words: /answered 304/ }),
  failing(
    'a refusal without end',
    endless(`HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n`, chunk('scale plan '.repeat(1000))),
    {
      reason: 'plan',
      words: /answered 403: scale plan/,
    },
  ),
  failing('a refusal as a gzip bomb', body(bomb, 'HTTP/1.1 500 No\r\nContent-Encoding: gzip'), {
    reason: 'server',
    words: /answered 500/,
  }),
  failing('a pause without sense', body('{}', 'HTTP/1.1 503 Later\r\nRetry-After: -1e99 years'), {
    reason: 'server',
    words: /answered 503/,
  }),
  failing('a date without sense', body('{}', `HTTP/1.1 401 No\r\nDate: ${'9'.repeat(1000)}`), {
    reason: 'auth',
    words: /answered 401/,
  }),
  {
    name: 'two answers to one request',
    answer: ({ socket }) => {
      const answer = (room: string) => {
        const page = `{"sessions":[${row({ roomName: room })}]}`;
        return `${ok}Content-Length: ${String(page.length)}\r\n\r\n${page}`;
      };
      socket.write(answer('asked') + answer('not asked'));
    },
    failure: { reason: 'schema', words: /the session list has no end/ },
  },
  {
    name: 'HTTP/1.0 without a length',
    answer: ({ socket, page }) => {
      socket.end(`HTTP/1.0 200 OK\r\n\r\n{"sessions":[${page === 0 ? row() : ''}]}`);
    },
    rooms: ['a good room'],
  },
  {
    name: 'another content type',
    answer: (exchange) => {
      const page = exchange.page === 0 ? `{"sessions":[${row()}]}` : '{}';
      send(exchange, page, 'HTTP/1.1 200 OK\r\nContent-Type: image/png; charset=utf-16');
    },
    rooms: ['a good room'],
  },
  {
    name: '100 Continue before the answer',
    answer: (exchange) => {
      send(
        exchange,
        exchange.page === 0 ? `{"sessions":[${row()}]}` : '{}',
        'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK',
      );
    },
    rooms: ['a good room'],
  },
];

export const hostileCases: readonly HostileCase[] = [...bodies, ...json, ...http];
