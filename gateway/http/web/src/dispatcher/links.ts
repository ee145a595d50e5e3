// Radios, brokers and stores: up, down, since when, why, and what to do.
import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import { health, type Health } from '../shared/health';
import type { State } from '../shared/state';
import { clockTime, duration } from '../shared/time';
import type { Link, Stranger } from '../shared/types';
import { both, say } from '../shared/words';

// advice is what to do about a link that does not work.
export function advice(l: Link, how: Health): string {
  if (how === 'up' || how === 'idle') return '';
  const why = `${l.why ?? ''} ${l.last_error ?? ''}`;
  if (how === 'quiet') {
    return ['mqtt', 'broker', 'http'].includes(l.kind)
      ? both('Tidak ada telepon yang melapor: periksa jaringan seluler dan aplikasinya.', 'No phone reports: check the mobile network and the app.')
      : both('Jalur hidup tetapi sepi: minta satu tim menekan tombol; periksa saluran, antena, kabel data.', 'The line is up but quiet: have a unit press a key; check channel, aerial and data cable.');
  }
  if (l.state === 'illegible') return both('Ada byte, tetapi tak terbaca: periksa laju (baud) dan protokol dengan `htgateway monitor`.', 'Bytes come but make no sense: check speed and protocol with `htgateway monitor`.');
  if (l.kind === 'serial') {
    if (/permission|denied/i.test(why)) return both('Tambahkan pengguna gateway ke grup dialout.', "Add the gateway's user to the group dialout.");
    return both('Periksa daya radio dan kabel USB; cabut dan pasang lagi. Jalur dibuka sendiri begitu kembali.', 'Check the power of the radio and the USB cable; unplug and plug it in again. It is opened by itself when it is back.');
  }
  if (l.kind === 'tcp') return both('Periksa apakah TNC atau server serial hidup dan alamatnya benar.', 'Check that the TNC or serial server runs and its address is right.');
  if (l.kind === 'folder') return both('Periksa folder CAD: hak baca dan isinya.', 'Check the CAD folder: may it be read, and what is in it.');
  if (l.kind === 'mqtt' || l.kind === 'broker') return both('Periksa alamat, sandi, dan jaringan ke broker. Pesan yang tertunda dikirim broker setelah tersambung.', 'Check address, password and the network to the broker. It delivers what waited once connected.');
  if (l.kind === 'http') return both('Telepon tidak bisa mengirim: periksa alamat dan sertifikat gateway serta jaringan telepon. Laporan menunggu di telepon dan dikirim menyusul.', 'Phones cannot send: check the gateway\'s address and certificate and the phones\' network. Reports wait in the phone and are sent later.');
  if (l.kind === 'edge') return both('Situs tidak terdengar: periksa jaringan dan daya di sana. Jurnalnya menyimpan semua yang terdengar dan menyusul.', 'The site is not heard: check network and power there. Its journal keeps all that it hears and catches up.');
  if (l.kind === 'journal' && l.protocol === 'sqlite') return both('Beri ruang di disk atau periksa apakah disk hanya-baca. Sampai pulih tidak ada yang diakui: telepon dan broker menyimpan dan mengirim ulang, radio menunggu di memori. Pulih sendiri.', 'Make room on the disk, or see whether it is read-only. Until then nothing is acknowledged: phones and brokers keep and send again, radios wait in memory. It recovers by itself.');
  if (l.kind === 'journal') return both('Klaster NATS tidak menyimpan: periksa ketiga server dan jaringannya. Sampai pulih tidak ada yang diakui.', 'The NATS cluster stores nothing: check its three servers and their network. Until then nothing is acknowledged.');
  if (l.kind === 'centre') return both('Pusat tidak terjangkau: periksa jaringan, alamat, sandi. Laporan menunggu di jurnal situs ini dan dikirim menyusul.', 'The centre is not reached: check network, address, password. Reports wait in this site\'s journal and are sent later.');
  if (l.kind === 'webhook') return both('Periksa alamat dan jaringan penerima. Kabar menunggu dan dikirim menyusul.', 'Check the receiver\'s address and network. News waits and is sent later.');
  return both('Periksa ruang disk atau server InfluxDB. Tidak ada yang hilang: jurnal menyimpan, dan penyimpanan menyusul.', 'Check disk space or the InfluxDB server. Nothing is lost: the journal has it, and the store catches up.');
}

function ageOf(state: State, l: Link): number | null {
  return l.last_heard ? state.age(l.last_heard) : null;
}

const marks: Record<Health, string> = { up: '●', quiet: '◐', idle: '○', down: '✕' };

// counts are what went over a link, in the words of its kind.
function counts(l: Link): string {
  if (l.kind === 'store') return `${l.reports} ${both('titik ditulis', 'points written')}${l.errors ? ` · ${l.errors} ${both('ditolak', 'refused')}` : ''}`;
  if (['publish', 'webhook', 'cot'].includes(l.kind)) return `${l.reports} ${both('kabar terkirim', 'messages sent')}${l.errors ? ` · ${l.errors} ${both('ditolak', 'refused')}` : ''}`;
  return `${l.frames} ${both('bingkai', 'frames')} · ${l.reports} ${both('laporan', 'reports')} · ${l.duplicates} ${both('ganda', 'duplicates')} · ${l.errors} ${both('ditolak', 'refused')}${l.shed ? ` · ${l.shed} ${both('dibuang (banjir)', 'shed (flood)')}` : ''}`;
}

// since is when a link came to be as it is; a store that wrote nothing yet has no such time.
function since(state: State, l: Link): string {
  return Date.parse(l.since) > 0 ? `${both('sejak', 'since')} ${clockTime(l.since)} (${duration(state.age(l.since))}) · ` : '';
}

// state is a link's state in a word.
function stateWord(l: Link, how: Health): string {
  return how === 'quiet' ? both('sepi', 'quiet') : how === 'idle' ? both('belum dipakai', 'not used yet') : say(l.state);
}

// linkStrip is the line at the foot of the page.
export function linkStrip(state: State, open: () => void): Child[] {
  return state.links.map((l) => {
    const age = ageOf(state, l);
    const how = health(l, state.clock.ms());
    return el('button', { type: 'button', class: `link ${how}`, 'data-key': l.id, title: [l.why, l.last_error].filter(Boolean).join(' — '), click: open },
      el('span', { class: 'mark', 'aria-hidden': 'true' }, marks[how]), l.id,
      el('span', { class: 'dim' }, how === 'down' ? ` ${say(l.state)} ${duration(state.age(l.since))}` : age === null ? '' : ` ${duration(age)}`));
  });
}

let strangers: Stranger[] = [];
let strangersAt = 0;

// forgetStrangers has the list asked for anew.
export function forgetStrangers(): void {
  strangersAt = 0;
}

export interface LinkPanelOptions {
  state: State;
  // adopt puts an unknown device into the roster; without it the list is read only.
  adopt?: (s: Stranger) => Child;
}

export function linkPanel(o: LinkPanelOptions): Child[] {
  const { state } = o;
  if (Date.now() - strangersAt > 5000) {
    strangersAt = Date.now();
    void api.strangers().then((s) => { strangers = s; state.changed(); }).catch(() => undefined);
  }
  return [
    ...state.links.map((l) => {
      const how = health(l, state.clock.ms());
      const todo = advice(l, how);
      return el('div', { class: `linkrow ${how}`, 'data-key': l.id },
        el('div', { class: 'head' }, el('span', { class: 'mark', 'aria-hidden': 'true' }, marks[how]), el('b', {}, l.id), el('span', { class: 'dim' }, `${say(l.kind)}${l.protocol ? ` · ${l.protocol}` : ''}`),
          el('span', { class: 'state' }, stateWord(l, how))),
        el('div', { class: 'dim' }, `${since(state, l)}${counts(l)}`,
          l.last_heard ? ` · ${both('terakhir', 'last')} ${clockTime(l.last_heard)} (${duration(state.age(l.last_heard))})` : ''),
        l.clock_s === undefined ? null : el('div', { class: 'dim' }, `${both('jam situs', "site's clock")} ${l.clock_s >= 0 ? '+' : ''}${l.clock_s.toFixed(1)} s`),
        l.why ? el('div', { class: how === 'down' ? 'warn' : 'dim' }, l.why) : null,
        l.last_error ? el('div', { class: 'dim' }, `${both('ditolak terakhir', 'last refused')}: ${l.last_error}`) : null,
        todo ? el('div', { class: 'todo' }, `→ ${todo}`) : null);
    }),
    el('h3', {}, `${both('Alat tak dikenal', 'Unknown devices')} (${strangers.length})`),
    strangers.length ? null : el('p', { class: 'dim' }, both('Semua yang terdengar sudah terdaftar.', 'Everything that was heard is in the roster.')),
    ...strangers.map((s) => el('div', { class: 'linkrow', 'data-key': s.device },
      el('div', { class: 'head' }, el('b', {}, s.device), s.emergency ? el('span', { class: 'error' }, `✱ ${say('emergency')}`) : null, el('span', { class: 'dim' }, `${s.reports} ${both('laporan', 'reports')} · ${s.last_link} · ${clockTime(s.last_heard)}`)),
      s.last_said ? el('div', {}, `${both('terakhir', 'last')}: ${say(s.last_said.replace(/^status (\w+)/, (_, k: string) => say(k)))}`) : null, o.adopt?.(s) ?? null)),
  ];
}
