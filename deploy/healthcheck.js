// The image's health check: whether the exporter in this container answers. Any answer shows that it is alive: with a web
// configuration file it may ask for a password, or hang up on whoever does not speak TLS. A program that hangs does neither.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const flag = '--web.listen-address';
const milliseconds = 4000;

/** Where the exporter listens: as its arguments say, else as the environment says, else on the default port. */
function address(cmdline = '/proc/1/cmdline') {
  const args = readFileSync(cmdline, 'utf8').split('\0');
  const index = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  const given = args[index] === flag ? args[index + 1] : args[index]?.slice(flag.length + 1);
  const [first = ''] = (given ?? process.env.LIVEKIT_EXPORTER_WEB_LISTEN_ADDRESS ?? '').split(',');
  const [, host = '', port = '17880'] = /^\[?(.*?)\]?:(\d+)$/.exec(first.trim()) ?? [];
  // No host is every host of this container.
  return { host: host === '' || host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}

function end(isAlive, why) {
  console.log(why);
  process.exit(isAlive ? 0 : 1);
}

const { host, port } = address(process.argv[2]);
const socket = connect({ host, port: Number(port) });
let connected = false;
socket.on('connect', () => {
  connected = true;
  socket.write(`GET /-/healthy HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
});
socket.on('data', (bytes) => {
  const [status] = String(bytes).split('\r\n', 1);
  end(!/^HTTP\/1\.\d 5/.test(status), `${host}:${port} answers: ${status.replace(/[^ -~]/g, '.')}`);
});
socket.on('error', (error) => end(connected, `${host}:${port}: ${error.message}`));
socket.on('close', () => end(connected, `${host}:${port} has hung up`));
setTimeout(() => end(false, `${host}:${port} does not answer within ${milliseconds / 1000} s`), milliseconds);
