import { afterAll, expect, test } from 'vitest';
import { AskedThread } from './asked-thread.ts';
import { ThreadShelf } from './thread-shelf.ts';

/** Answers with what it was asked, and what it was told before; `die` ends it. */
const ECHO = new URL(
  `data:text/javascript,import{parentPort}from'node:worker_threads';let told='';parentPort.on('message',(m)=>{if(m.note!==undefined){told=m.note;return}if(m.ask==='die')process.exit(3);parentPort.postMessage(told+m.ask)})`,
);
interface Ask {
  readonly ask: string;
}
interface Note {
  readonly note: string;
}

const shelf = new ThreadShelf(ECHO);
const threads: AskedThread<Ask, string, Note>[] = [];
const thread = () => {
  const one = new AskedThread<Ask, string, Note>(shelf);
  threads.push(one);
  return one;
};
afterAll(() => Promise.all(threads.map((each) => each.terminate())));

test('each question gets its own answer, however many wait', async () => {
  const one = thread();
  one.tell({ note: '>' });
  const answers = ['a', 'b', 'c'].map((ask) => one.ask({ ask }));
  expect(one.load).toBe(3);
  expect(await Promise.all(answers)).toEqual(['>a', '>b', '>c']);
  expect(one.load).toBe(0);
});

test('who takes it next hears nothing of the questions before, and it knows nothing of the notes before', async () => {
  const one = thread();
  one.tell({ note: 'secret ' });
  const late = one.ask({ ask: 'late' });
  await one.giveBack({ note: '' });
  expect(await late).toBe('secret late');
  expect(await thread().ask({ ask: 'mine' })).toBe('mine');
});

test('one that ends by itself fails all that was asked, and whatever is asked later', async () => {
  const one = thread();
  const [fatal, waiting] = [one.ask({ ask: 'die' }), one.ask({ ask: 'a' })];
  await expect(fatal).rejects.toThrow('ended');
  await expect(waiting).rejects.toThrow('ended');
  await expect(one.ask({ ask: 'b' })).rejects.toThrow('ended');
  await one.giveBack();
  expect(await thread().ask({ ask: 'c' })).toBe('c');
});

test('what cannot be sent is refused at once, and costs nothing', async () => {
  const one = thread();
  const memory = new ArrayBuffer(8);
  await one.ask({ ask: 'a' }, [memory]);
  expect(() => one.ask({ ask: 'b' }, [memory])).toThrow();
  expect(one.load).toBe(0);
  expect(await one.ask({ ask: 'c' })).toBe('c');
});
