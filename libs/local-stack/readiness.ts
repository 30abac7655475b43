import { request } from 'node:http';
import { connect } from 'node:net';

/** Whether `GET <path>` is answered with 2xx. */
export function answersHttp(port: number, path: string, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', reject);
    asked.end();
  });
}

export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', reject);
  });
}
