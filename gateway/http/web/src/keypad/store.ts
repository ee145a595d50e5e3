// What the phone keeps: who it is, and every press until the gateway has it on
// disk. IndexedDB outlives the page, the browser and an empty battery.

// Enrolment is who this phone is, as its QR code said.
export interface Enrolment { device: string; token: string; unit: string }

// Entry is one report as it will be sent, under its sequence number. It keeps the
// device that it was made on: a phone that is enrolled anew does not speak for its
// former unit.
export interface Entry {
  seq: number;
  device: string;
  token: string;
  body: { time: string; status?: string; emergency?: true; lat?: number; lon?: number; accuracy_m?: number; speed_mps?: number; course_deg?: number };
  state: 'waiting' | 'sent' | 'refused';
  sentAt?: string;
  why?: string;
}

// isPress tells a press from a position that the phone sent by itself.
export const isPress = (e: Entry): boolean => Boolean(e.body.status || e.body.emergency);

// kept bounds what is remembered after it was sent, and how many positions wait; a
// press that waits is never forgotten.
export const kept = { sent: 40, positions: 2000 };

function done<T>(r: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error ?? new Error('IndexedDB'));
  });
}

export class Store {
  private constructor(private readonly db: IDBDatabase) {}

  static async open(): Promise<Store> {
    const r = indexedDB.open('keypad', 1);
    r.onupgradeneeded = () => {
      r.result.createObjectStore('entries', { keyPath: 'seq', autoIncrement: true });
      r.result.createObjectStore('self');
    };
    return new Store(await done(r));
  }

  // write runs changes and returns once they are on disk, not merely asked for.
  private write<T>(store: string, change: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const t = this.db.transaction(store, 'readwrite', { durability: 'strict' });
    const r = change(t.objectStore(store));
    return new Promise((resolve, reject) => {
      t.oncomplete = () => resolve(r.result);
      t.onabort = () => reject(t.error ?? new Error('IndexedDB'));
    });
  }

  enrolment(): Promise<Enrolment | undefined> {
    return done(this.db.transaction('self').objectStore('self').get('enrolment') as IDBRequest<Enrolment | undefined>);
  }

  async enrol(e: Enrolment): Promise<void> {
    await this.write('self', (s) => s.put(e, 'enrolment'));
  }

  // add gives an entry the next sequence number, which no restart repeats.
  async add(e: Omit<Entry, 'seq'>): Promise<Entry> {
    return { ...e, seq: (await this.write('entries', (s) => s.add(e))) as number };
  }

  async put(e: Entry): Promise<void> {
    await this.write('entries', (s) => s.put(e));
  }

  // all is every entry, the oldest first.
  all(): Promise<Entry[]> {
    return done(this.db.transaction('entries').objectStore('entries').getAll() as IDBRequest<Entry[]>);
  }

  async forget(gone: Iterable<number>): Promise<void> {
    for (const seq of gone) await this.write('entries', (s) => s.delete(seq));
  }
}

// reread is what was read from the disk, and what was pressed while it was read.
export function reread(all: Entry[], entries: Entry[]): Entry[] {
  const newest = all.at(-1)?.seq ?? 0;
  return [...all, ...entries.filter((e) => e.seq > newest && e.state === 'waiting')];
}

// excess are the numbers of those entries that are over the bounds, the oldest first.
export function excess(entries: Entry[]): Set<number> {
  const over = (list: Entry[], n: number): number[] => list.slice(0, Math.max(0, list.length - n)).map((e) => e.seq);
  const settled = entries.filter((e) => e.state !== 'waiting');
  return new Set([
    ...over(settled.filter(isPress), kept.sent), ...over(settled.filter((e) => !isPress(e)), 0),
    ...over(entries.filter((e) => e.state === 'waiting' && !isPress(e)), kept.positions),
  ]);
}
