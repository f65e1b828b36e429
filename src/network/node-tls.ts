// What of Node speaks TLS. Loaded where something does: it takes more than a megabyte.
export { default as https } from 'node:https';
export { connect as connectTls } from 'node:tls';
