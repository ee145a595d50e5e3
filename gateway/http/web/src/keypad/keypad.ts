// The keypad: a phone's browser as a radio's status keys, for teams without a radio.
// A press is on the phone's disk before it is shown, and stays there until the
// gateway has it on its own.
import './keypad.css';
import { el } from '../shared/dom';
import { ask, fields, freshMs, isDue, watch, type Fix } from './place';
import { fromAddress } from './qr';
import { Sender, type Answer } from './sender';
import { excess, isPress, reread, Store, type Enrolment, type Entry } from './store';
import { entryWords, keys, lineWords, say } from './words';

// holdMs is how long DARURAT is held, so that no pocket calls for help.
const holdMs = 1500;
// clockOffMs is from when the phone's clock is said to be wrong.
const clockOffMs = 20_000;
const shownPresses = 6;

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

let store: Store;
let self: Enrolment | undefined;
let entries: Entry[] = [];
let fix: Fix | null = null;
let noFix = '';
let lastPlace: Fix | null = null;
// troubles are what the team must know, by what they are about.
const troubles = new Map<string, string>();

function trouble(about: string, words: string): void {
  if (words) troubles.set(about, words);
  else troubles.delete(about);
  const p = byId('trouble');
  p.hidden = troubles.size === 0;
  p.textContent = [...troubles.values()].join(' · ');
}

const sender = new Sender({
  // The present device's token ended: its entries wait for a new one, and nothing is
  // asked again and again.
  waiting: () => (troubles.has('gone') ? [] : entries.filter((e) => e.state === 'waiting')),
  settle,
});

async function settle(e: Entry, a: Answer): Promise<void> {
  if (a.what === 'later') return draw();
  if (a.what === 'gone' && e.token === self?.token) {
    trouble('gone', say('gone'));
    return draw();
  }
  if (a.what === 'sent') {
    // What the answer took on its way is in it; a few seconds are no news.
    const off = Math.abs(Date.parse(a.receivedAt) - Date.now());
    trouble('clock', off > clockOffMs ? say('clock') : '');
  }
  const settled: Entry = a.what === 'sent' ? { ...e, state: 'sent', sentAt: new Date().toISOString() } : { ...e, state: 'refused', why: a.why };
  await store.put(settled);
  // A key may be pressed during any await: what is on the screen changes in one go.
  const now = entries.map((x) => (x.seq === e.seq ? settled : x));
  const gone = excess(now);
  entries = now.filter((x) => !gone.has(x.seq));
  draw();
  await store.forget(gone);
}

async function add(body: Entry['body']): Promise<void> {
  if (!self) return;
  try {
    entries.push(await store.add({ device: self.device, token: self.token, body, state: 'waiting' }));
    trouble('disk', '');
  } catch {
    trouble('disk', say('disk'));
    return;
  }
  draw();
  void sender.wake();
}

// press keeps a key with the time of this moment, and the place when it is fresh;
// else the place follows as a report of its own, with its own time.
function press(what: { status: string } | { emergency: true }): void {
  const now = Date.now();
  const isFresh = fix !== null && now - fix.atMs <= freshMs;
  navigator.vibrate?.(60);
  void add({ time: new Date(now).toISOString(), ...what, ...(fix && isFresh ? fields(fix) : {}) });
  if (!isFresh) ask((f, why) => { lastPlace = null; placed(f, why); });
}

function placed(f: Fix | null, why: string): void {
  fix = f ?? fix;
  noFix = why;
  if (f && isDue(f, lastPlace)) {
    lastPlace = f;
    void add({ time: new Date(f.atMs).toISOString(), ...fields(f) });
  }
  drawFix();
}

function drawFix(): void {
  const age = fix ? Math.round((Date.now() - fix.atMs) / 1000) : 0;
  byId('fix').textContent = fix ? `Posisi / Fix ±${Math.round(fix.accuracyM)} m${age * 1000 > freshMs ? ` · ${age} dtk lalu / s ago` : ''}` : noFix || say('locating');
}

function draw(): void {
  byId('unit').textContent = self?.unit ?? 'htgateway';
  const presses = entries.filter(isPress);
  const line = byId('line');
  line.textContent = self ? lineWords(presses, navigator.onLine) : '';
  line.className = presses.some((e) => e.state === 'waiting') ? 'waiting' : 'sent';
  for (const k of keys) {
    const last = presses.filter((e) => e.body.status === k.status).at(-1);
    const small = byId(`key-${k.status}`).querySelector('small') as HTMLElement;
    small.textContent = last ? entryWords(last) : k.en;
    small.className = last?.state ?? '';
  }
  byId('presses').replaceChildren(...presses.slice(-shownPresses).reverse().map((e) => el('li', { class: e.state, 'data-seq': String(e.seq) },
    el('time', {}, new Date(e.body.time).toLocaleTimeString('id-ID')),
    el('b', {}, keys.find((k) => k.status === e.body.status)?.id ?? 'DARURAT'), el('span', {}, entryWords(e)))));
  drawFix();
}

function makeKeys(): void {
  byId('keys').replaceChildren(...keys.map((k) => el('button', { type: 'button', id: `key-${k.status}`, class: k.status, click: () => press({ status: k.status }) },
    el('b', {}, k.id), el('small', {}, k.en))));
  const emergency = byId('emergency');
  emergency.replaceChildren(el('b', {}, 'DARURAT'), el('small', {}, 'tahan 1,5 detik / hold for EMERGENCY'));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const release = (): void => { clearTimeout(timer); timer = undefined; emergency.classList.remove('held'); };
  const hold = (): void => {
    if (timer) return;
    emergency.classList.add('held');
    timer = setTimeout(() => { release(); press({ emergency: true }); }, holdMs);
  };
  emergency.addEventListener('pointerdown', hold);
  for (const name of ['pointerup', 'pointercancel', 'pointerleave', 'blur']) emergency.addEventListener(name, release);
  emergency.addEventListener('keydown', (e) => { if ((e.key === 'Enter' || e.key === ' ') && !e.repeat) hold(); });
  emergency.addEventListener('keyup', release);
  emergency.addEventListener('contextmenu', (e) => e.preventDefault());
}

// takeAddress keeps who this phone is and takes the token out of the address bar
// and the history.
async function takeAddress(hash: string): Promise<void> {
  const found = fromAddress(hash);
  if (location.hash) history.replaceState(null, '', location.pathname);
  if (!found) return;
  await store.enrol(found);
  self = found;
  trouble('gone', '');
}

// ask is what a phone shows that is nobody yet. An app on the home screen of an
// iPhone does not share what Safari keeps: there the address is pasted once.
function askAddress(): void {
  byId('emergency').hidden = true;
  byId('fix').hidden = true;
  byId('keys').replaceChildren(el('form', {
    submit: (e) => {
      e.preventDefault();
      const text = String(new FormData(e.currentTarget as HTMLFormElement).get('address'));
      void takeAddress(text.slice(text.indexOf('#'))).then(() => (self ? begin() : trouble('address', say('address'))));
    },
  }, el('p', {}, say('nobody')), el('input', { name: 'address', required: true, autocomplete: 'off', 'aria-label': 'Alamat / Address', placeholder: 'https://…/keypad/#device=…' }),
  el('button', { type: 'submit' }, el('b', {}, 'PAKAI'), el('small', {}, 'Use'))));
  byId('unit').textContent = 'Belum terdaftar / Not enrolled';
}

function begin(): void {
  trouble('address', '');
  byId('emergency').hidden = byId('fix').hidden = false;
  makeKeys();
  draw();
  watch(placed);
  void navigator.storage?.persist?.();
  void sender.wake();
}

async function start(): Promise<void> {
  if (!isSecureContext) trouble('https', say('https'));
  else void navigator.serviceWorker?.register('/keypad/worker.js', { scope: '/keypad/' }).catch(() => trouble('worker', say('worker')));
  try {
    store = await Store.open();
    self = await store.enrolment();
    entries = await store.all();
    await takeAddress(location.hash);
  } catch {
    trouble('disk', say('disk'));
    return;
  }
  addEventListener('hashchange', () => void takeAddress(location.hash).then(() => self && begin()));
  addEventListener('online', () => { draw(); void sender.wake(); });
  addEventListener('offline', draw);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || !self) return;
    // Another tab may have pressed and sent meanwhile.
    void store.all().then((all) => { entries = reread(all, entries); draw(); return sender.wake(); });
  });
  setInterval(() => self && drawFix(), 5000);
  if (self) begin();
  else askAddress();
}

void start();
