import type { Host } from '../backup-agent/host-folder.ts';

/** One of the things the agent does on the computer. */
export type HostCall = Exclude<keyof Host, 'progress'>;

/** The same host, some of whose calls do something else. */
export function hostAround(inner: Host, changes: Partial<Omit<Host, 'progress'>>): Host {
  return {
    get progress() {
      return inner.progress;
    },
    set progress(percent) {
      inner.progress = percent;
    },
    download: changes.download ?? ((...call) => inner.download(...call)),
    upload: changes.upload ?? ((...call) => inner.upload(...call)),
    list: changes.list ?? ((path) => inner.list(path)),
    freeBytes: changes.freeBytes ?? (() => inner.freeBytes()),
    purge: changes.purge ?? ((bytes) => inner.purge(bytes)),
    makeFolder: changes.makeFolder ?? ((path) => inner.makeFolder(path)),
    move: changes.move ?? ((moves) => inner.move(moves)),
    remove: changes.remove ?? ((paths) => inner.remove(paths)),
  };
}

/** Does something before each call, and may end the session by throwing. */
export function beforeEachCall(inner: Host, before: (call: HostCall) => Promise<void> | void): Host {
  const after =
    <Call extends readonly unknown[], Answer>(name: HostCall, work: (...call: Call) => Promise<Answer>) =>
    async (...call: Call): Promise<Answer> => {
      await before(name);
      return work(...call);
    };
  return hostAround(inner, {
    download: after('download', (...call) => inner.download(...call)),
    upload: after('upload', (...call) => inner.upload(...call)),
    list: after('list', (path) => inner.list(path)),
    freeBytes: after('freeBytes', () => inner.freeBytes()),
    purge: after('purge', (bytes) => inner.purge(bytes)),
    makeFolder: after('makeFolder', (path) => inner.makeFolder(path)),
    move: after('move', (moves) => inner.move(moves)),
    remove: after('remove', (paths) => inner.remove(paths)),
  });
}

/** How far a run has come, as faults name it. */
export type Moment = 'begin' | 'midway' | 'end';
export const MOMENTS: readonly Moment[] = ['begin', 'midway', 'end'];

/** From here on a restore has fetched its last payload. */
const PERCENT_FETCHED = 97;

/**
 * Does something once at a moment of a run: before its first word; when the first payloads have gone over;
 * when everything has, and the phone reads back what it wrote (a restore: before it puts things in place).
 */
export function atMoment(inner: Host, moment: Moment, strike: () => Promise<void> | void): Host {
  if (moment === 'begin') return onceBefore(inner, () => true, strike);
  if (moment === 'end') return atEnd(inner, strike);
  const afterwards = once(strike);
  return hostAround(inner, {
    upload: async (files, totalBytes) => {
      await inner.upload(files, totalBytes);
      if (totalBytes > 0 || inner.progress > 0) await afterwards();
    },
    download: async (paths, take) => {
      const failed = await inner.download(paths, take);
      if (inner.progress > 0) await afterwards();
      return failed;
    },
  });
}

function atEnd(inner: Host, strike: () => Promise<void> | void): Host {
  const now = once(strike);
  return hostAround(inner, {
    download: async (paths, take) => {
      if (inner.progress >= 100) await now();
      const failed = await inner.download(paths, take);
      if (inner.progress >= PERCENT_FETCHED) await now();
      return failed;
    },
  });
}

function onceBefore(inner: Host, when: () => boolean, strike: () => Promise<void> | void): Host {
  const now = once(strike);
  return beforeEachCall(inner, () => (when() ? now() : undefined));
}

function once(work: () => Promise<void> | void): () => Promise<void> | void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    return work();
  };
}
