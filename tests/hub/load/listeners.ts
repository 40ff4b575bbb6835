import { get } from 'node:http';

/*
 * A process with many pages that listen to the events of a hub:
 *   node listeners.ts URL COOKIE COUNT
 * It writes "listening" when all of them have been answered, and at its end one line of JSON with what each has heard.
 */

const [url = '', cookie = '', count = '0'] = process.argv.slice(2);

/** Events, by listener. */
const heard: number[] = [];
let broken = 0;

function listen(): Promise<void> {
  const at = heard.push(0) - 1;
  return new Promise((resolve, reject) => {
    const request = get(`${url}/api/events`, { agent: false, headers: { cookie } }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`Not heard: ${answer.statusCode}`));
      resolve();
      answer.setEncoding('utf8').on('data', (text: string) => {
        heard[at] = (heard[at] ?? 0) + text.split('\nevent: ').length - 1;
      });
      answer.on('close', () => {
        broken += 1;
      });
    });
    request.on('error', reject);
  });
}

await Promise.all(Array.from({ length: Number(count) }, listen));
console.log('listening');
process.once('SIGTERM', () => {
  console.log(JSON.stringify({ heard, broken }));
  process.exit(0);
});
