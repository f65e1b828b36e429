// The files of exporter-toolkit's own tests (web/testdata, Apache License 2.0), and what it says to each. Its
// certificates are replaced by those of the test; the names stay.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority, type Issued } from '../certificates.ts';

export interface ToolkitFile {
  readonly text: string;
  /** What exporter-toolkit's complaint is recognized by (ErrorMap in its web/tls_config_test.go). */
  readonly complaint?: RegExp;
  /** Why `promtool check web-config` of Prometheus 2.42 says something else. */
  readonly promtool?: 'knows no such key' | 'does not ask about HTTP/2';
}

const server = 'tls_server_config:\n  cert_file: "server.crt"\n  key_file: "server.key"\n';
const given = `${server}  client_auth_type: "VerifyClientCertIfGiven"\n`;
const noSuchFile = /no such file/;
const missingCert = /missing one of cert or cert_file/;
const missingKey = /missing one of key or key_file/;

export const toolkitFiles = {
  'web_config_empty.yml': { text: '' },
  'web_config_junk.yml': { text: 'hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\n', complaint: /not a section/ },
  'web_config_junk_key.yml': {
    text: 'tls_server_config:\n  cert_filse: "server.crt"\n',
    complaint: /unknown key; did you mean cert_file\?/,
  },
  'web_config_noAuth_certPath_empty.bad.yml': {
    text: 'tls_server_config:\n  cert_file: ""\n  key_file: "server.key"\n',
    complaint: missingCert,
  },
  'web_config_noAuth_cert_empty.bad.yml': {
    text: 'tls_server_config:\n  cert: ""\n  key_file: "server.key"\n',
    complaint: missingCert,
  },
  'web_config_noAuth_keyPath_empty.bad.yml': {
    text: 'tls_server_config:\n  cert_file: "server.crt"\n  key_file: ""\n',
    complaint: missingKey,
  },
  'web_config_noAuth_key_empty.bad.yml': {
    text: 'tls_server_config:\n  cert_file: "server.crt"\n  key: ""\n',
    complaint: missingKey,
  },
  'web_config_noAuth_certPath_keyPath_empty.bad.yml': {
    text: 'tls_server_config:\n  cert_file: ""\n  key_file: ""\n  client_auth_type: "x"\n',
    complaint: missingCert,
  },
  'web_config_noAuth_certPath_invalid.bad.yml': {
    text: 'tls_server_config:\n  cert_file: "somefile"\n  key_file: "server.key"\n',
    complaint: noSuchFile,
  },
  'web_config_noAuth_keyPath_invalid.bad.yml': {
    text: 'tls_server_config:\n  cert_file: "server.cert"\n  key_file: "somefile"\n',
    complaint: noSuchFile,
  },
  'web_config_noAuth_certPath_keyPath_invalid.bad.yml': {
    text: 'tls_server_config:\n  cert_file: "somefile"\n  key_file: "somefile"\n',
    complaint: noSuchFile,
  },
  'web_config_noAuth.bad.yml': {
    text: `${server}  client_ca_file: "/dev/null"\n`,
    complaint: /client CA's have been configured without a Client Auth Policy/,
  },
  'web_config_auth_clientCAs_invalid.bad.yml': {
    text: `${server}  client_ca_file: "somefile"\n`,
    complaint: noSuchFile,
  },
  // Bad by its name alone: exporter-toolkit takes it, and then lets in whom a public authority vouches for.
  'web_config_auth_clientCAs_missing.bad.yml': {
    text: `${server}  client_auth_type: "RequireAndVerifyClientCert"\n`,
  },
  'web_config_auth_user_list_invalid.bad.yml': {
    text: `${server}basic_auth_users:\n  john: doe\n`,
    complaint: /hashedSecret too short to be a bcrypted password/,
  },
  'web_config_noAuth_inventedCiphers.bad.yml': {
    text: `${given}  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\n`,
    complaint: /unknown cipher: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048/,
  },
  'web_config_noAuth_inventedCurves.bad.yml': {
    text: `${given}  curve_preferences:\n    - CurveP257\n`,
    complaint: /unknown curve: CurveP257/,
  },
  'web_config_noAuth_wrongTLSVersion.bad.yml': {
    text: `${given}  min_version: TLS111\n`,
    complaint: /unknown TLS version: TLS111/,
  },
  'web_config_noAuth_noHTTP2Cipher.bad.yml': {
    text: `${given}  cipher_suites:\n    - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n  max_version: TLS12\n`,
    complaint: /TLSConfig.CipherSuites is missing an HTTP\/2-required/,
    promtool: 'does not ask about HTTP/2',
  },
  'web_config_headers_content_type_options.bad.yml': {
    text: 'http_server_config:\n  headers:\n    X-Content-Type-Options: sniff\n',
    complaint: /invalid value for X-Content-Type-Options/,
  },
  'web_config_headers_frame_options.bad.yml': {
    text: 'http_server_config:\n  headers:\n    X-Frame-Options: foo\n',
    complaint: /invalid value for X-Frame-Options/,
  },
  'web_config_headers_extra_header.bad.yml': {
    text: 'http_server_config:\n  headers:\n    Content-Type: foo\n',
    complaint: /HTTP header ".*" can not be configured/,
  },
  'web_config_headers.good.yml': {
    text: [
      'http_server_config:',
      '  headers:',
      '    X-Frame-Options: deny',
      '    Strict-Transport-Security: max-age=31536000; includeSubDomains',
      '    X-Content-Type-Options: nosniff',
      '    X-XSS-Protection: 1',
      `    Content-Security-Policy: "default-src 'self' *.test.example.net"`,
    ].join('\n'),
  },
  'web_config_noAuth.good.yml': { text: given },
  // Of exporter-toolkit's test of reloading: nobody is let in.
  'web_config_noAuth.good.blocking.yml': {
    text: `${server}  client_auth_type: "RequireAndVerifyClientCert"\n`,
  },
  'web_config_noAuth_tlsInline.good.yml': {
    text: 'tls_server_config:\n  cert: |\n    CERT\n  key: |\n    KEY\n',
    promtool: 'knows no such key',
  },
  'web_config_noAuth_allCiphers.good.yml': {
    text: [
      `${given}  cipher_suites:`,
      '  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      '  - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      '  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      '  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      '  - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
      '  - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
      '  - TLS_AES_128_GCM_SHA256',
      '  - TLS_AES_256_GCM_SHA384',
      '  - TLS_CHACHA20_POLY1305_SHA256',
      '  - TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
      '  - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
      '  - TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
      '  - TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
    ].join('\n'),
  },
  'web_config_noAuth_someCiphers.good.yml': {
    text: [
      `${given}  cipher_suites:`,
      '  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      '  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      '  min_version: TLS12',
      '  max_version: TLS12',
    ].join('\n'),
  },
  'web_config_noAuth_someCiphers_noOrder.good.yml': {
    text: [
      `${given}  cipher_suites:`,
      '  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      '  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      '  prefer_server_cipher_suites: false',
      '  min_version: TLS12',
      '  max_version: TLS12',
    ].join('\n'),
  },
  'web_config_noAuth_allCurves.good.yml': {
    text: `${given}  curve_preferences:\n    - CurveP256\n    - CurveP384\n    - CurveP521\n    - X25519\n`,
  },
  'web_config_noAuth_someCurves.good.yml': {
    text: `${given}  min_version: TLS13\n  curve_preferences:\n  - CurveP521\n`,
  },
  'web_config_noAuth_noHTTP2.good.yml': {
    text: [
      `${given}  cipher_suites:`,
      '    - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      '  max_version: TLS12',
      'http_server_config:',
      '  http2: false',
    ].join('\n'),
  },
  'tls_config_noAuth.requireanyclientcert.good.yml': {
    text: `${server}  client_auth_type: "RequireAnyClientCert"\n`,
  },
  'tls_config_noAuth.requireanyclientcertkeyinline.good.yml': {
    text: 'tls_server_config:\n  cert_file: "server.crt"\n  key: |\n    KEY\n  client_auth_type: "RequireAnyClientCert"\n',
    promtool: 'knows no such key',
  },
  'tls_config_noAuth.requireandverifyclientcert.good.yml': {
    text: `${server}  client_auth_type: "RequireAndVerifyClientCert"\n  client_ca_file: "client_selfsigned.pem"\n`,
  },
  'web_config_auth_client_san.good.yaml': {
    text: [
      `${server}  client_auth_type: "RequireAndVerifyClientCert"`,
      '  client_ca_file: "client2_selfsigned.pem"',
      '  client_allowed_sans:',
      '    - "one"',
      '    - "test3"',
      '    - "two"',
    ].join('\n'),
    promtool: 'knows no such key',
  },
  'web_config_auth_client_san.bad.yaml': {
    text: [
      `${server}  client_auth_type: "RequireAndVerifyClientCert"`,
      '  client_ca_file: "client2_selfsigned.pem"',
      '  client_allowed_sans:',
      '    - "bad"',
    ].join('\n'),
    promtool: 'knows no such key',
  },
  'web_config_rate_limiter_nonblocking.yaml': {
    text: 'rate_limit:\n  interval: 0\n  burst: 0\n',
    promtool: 'knows no such key',
  },
  'web_config_rate_limiter_one_second.yaml': {
    text: 'rate_limit:\n  interval: "1s"\n  burst: 0\n',
    promtool: 'knows no such key',
  },
  'web_config_users.good.yml': {
    text: [
      `${server}basic_auth_users:`,
      '  alice: $2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby',
      '  bob: $2y$18$4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.',
      '  carol: $2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu',
      '  dave: $2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq',
    ].join('\n'),
  },
  'web_config_users_noTLS.good.yml': {
    text: [
      'basic_auth_users:',
      '  alice: $2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby',
      '  carol: $2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu',
      '  dave: $2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq',
    ].join('\n'),
  },
} as const satisfies Record<string, ToolkitFile>;

export type ToolkitFileName = keyof typeof toolkitFiles;

export interface ToolkitFolder {
  readonly root: Authority;
  /** Of a self-signed certificate, and of one for the names test1, test2 and test3. */
  readonly clients: Readonly<Record<'client_selfsigned' | 'client2_selfsigned', Issued>>;
  path(name: ToolkitFileName): string;
}

/** Writes the files and certificates into a folder. */
export function writeToolkitFiles(folder: string): ToolkitFolder {
  const root = Authority.root(folder, 'tls-ca-chain');
  const server = root.server({ keyType: 'rsa' });
  writeFileSync(join(folder, 'server.crt'), server.cert);
  const clients = {
    client_selfsigned: Authority.root(folder, 'client_selfsigned'),
    client2_selfsigned: Authority.root(folder, 'client2_selfsigned', {
      names: 'DNS:test1,DNS:test2,DNS:test3',
    }),
  };
  const indented = (pem: string) => `${pem.trimEnd().replaceAll('\n', '\n    ')}\n`;
  for (const [name, { text }] of Object.entries(toolkitFiles)) {
    // In one pass: a line of the certificate can end with these letters, too.
    const whole = text.replace(/CERT\n|KEY\n/g, (place) =>
      indented(place === 'CERT\n' ? server.cert : server.key),
    );
    writeFileSync(join(folder, name), whole);
  }
  return { root, clients, path: (name) => join(folder, name) };
}
