import { Worker, type WorkerOptions } from 'node:worker_threads';

/** After so long without work a thread ends. */
const IDLE_MS = 30_000;

/** The module of a thread beside the one that starts it, as source or built. */
export function threadShelf(startedFrom: string, name: string): ThreadShelf {
  const isSource = startedFrom.endsWith('.ts');
  const module = new URL(`./${name}.${isSource ? 'ts' : 'js'}`, startedFrom);
  return new ThreadShelf(module, isSource ? { execArgv: ['--conditions=source'] } : {});
}

/**
 * Threads of one kind that are kept for a while when their work is done: V8 has been seen to end the whole process now and
 * then ("jit_page.has_value()") where hundreds of threads that use WebAssembly begin and end.
 *
 * Source: nodejs/node issue 64500.
 */
export class ThreadShelf {
  readonly #module: URL;
  readonly #options: WorkerOptions;
  readonly #idle = new Map<Worker, NodeJS.Timeout>();

  /** @param module what each thread runs; it must take work by messages, and keep nothing from one holder for the next */
  constructor(module: URL, options: WorkerOptions = {}) {
    this.#module = module;
    this.#options = options;
  }

  /** A thread that nobody else has, without listeners. */
  take(): Worker {
    const [kept] = this.#idle;
    if (kept === undefined) return new Worker(this.#module, this.#options);
    const [worker, timer] = kept;
    clearTimeout(timer);
    this.#idle.delete(worker);
    forgetHolder(worker);
    worker.ref();
    return worker;
  }

  /** @param worker is alive, and has answered all that it was asked */
  giveBack(worker: Worker): void {
    forgetHolder(worker);
    const forget = (): void => {
      clearTimeout(this.#idle.get(worker));
      this.#idle.delete(worker);
    };
    worker.once('error', forget).once('exit', forget);
    // Neither keeps a program going that has nothing else to do.
    worker.unref();
    this.#idle.set(worker, setTimeout(() => void worker.terminate(), IDLE_MS).unref());
  }
}

/** By name: a thread listens to itself, too. */
function forgetHolder(worker: Worker): void {
  for (const event of ['message', 'messageerror', 'error', 'exit']) worker.removeAllListeners(event);
}
