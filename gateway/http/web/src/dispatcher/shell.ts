// The frame around everything: header, banner, help.
import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import { standing } from '../shared/standing';
import type { State } from '../shared/state';
import { clockTime, duration } from '../shared/time';
import { openView } from '../shared/views';
import { both, current, say } from '../shared/words';
import type { Alarms } from './alarmbar';

export interface ShellActs { language: () => void; theme: () => void; mute: () => void; help: () => void }

export function header(state: State, alarms: Alarms, act: ShellActs): Child[] {
  const open = state.board();
  const count = (how: string): number => open.filter((i) => standing(state, i) === how).length;
  const free = [...state.units.values()].filter((u) => !u.properties.incident && u.properties.status !== 'out_of_service').length;
  const { sound } = alarms;
  const bell = sound.muted ? both('Bisu', 'Muted') : sound.blocked ? both('Bunyi: klik', 'Sound: click') : both('Bunyi', 'Sound');
  const total = (cls: string, mark: string, n: number, label: string): HTMLElement =>
    el('span', { class: `total ${cls}${n ? '' : ' none'}`, title: label }, el('span', { 'aria-hidden': 'true' }, mark), el('b', {}, String(n)), el('span', { class: 'label' }, label));
  return [
    el('strong', { class: 'brand' }, 'htgateway'), el('span', { class: 'county' }, state.setup?.county ?? ''),
    el('span', { class: 'totals' },
      total('breached', '■', count('breached'), both('lewat', 'breached')), total('warning', '▲', count('warning'), both('hampir', 'due')),
      total('new', '◆', count('new'), both('baru', 'new')), total('running', '▸', count('running'), both('berjalan', 'running')),
      total('units', '●', free, both(`dari ${state.units.size} tim bebas`, `of ${state.units.size} units free`))),
    el('time', { id: 'time' }, clockTime(state.clock.ms()), el('small', {}, state.clock.speed === 1 ? ' WIB' : ` WIB ×${state.clock.speed}`)),
    el('span', { class: 'tools' },
      el('button', { type: 'button', id: 'mute', class: sound.muted ? 'off' : sound.blocked ? 'ask' : '', 'aria-pressed': String(sound.muted), title: bell, click: act.mute }, el('span', { class: 'note', 'aria-hidden': 'true' }, '♪'), el('span', { class: 'label' }, bell), el('kbd', {}, 'M')),
      state.session && (state.session.can_sign_in || state.session.role !== 'owner') ? el('button', { type: 'button', id: 'sign-out', title: both('Keluar', 'Sign out'), click: () => { if (confirm(both('Keluar dari halaman ini?', 'Sign out of this page?'))) void api.signOut(); } },
        el('span', {}, state.session.name), el('span', { class: 'dim label' }, say(state.session.role)), el('span', { 'aria-hidden': 'true' }, '⇥')) : null,
      ...([['replay', '◀◀', 'Putar ulang (P)', 'Replay (P)', 'see'], ['analysis', '▥', 'Analisis (W)', 'Analysis (W)', 'study']] as const).filter(([, , , , right]) => state.may(right))
        .map(([view, mark, id, en]) => el('button', { type: 'button', id: view, 'aria-label': both(id, en), title: both(id, en), click: () => openView(view) }, mark)),
      el('button', { type: 'button', id: 'language', lang: current() === 'id' ? 'en' : 'id', title: both('English', 'Indonesia'), click: act.language }, el('span', { class: 'long' }, both('English', 'Indonesia')), el('span', { class: 'short' }, both('EN', 'ID'))),
      el('button', { type: 'button', id: 'theme', 'aria-label': both('Terang atau gelap', 'Light or dark'), title: both('Terang atau gelap', 'Light or dark'), click: act.theme }, '◐'),
      el('button', { type: 'button', id: 'help', 'aria-label': both('Bantuan tombol', 'Keyboard help'), title: both('Bantuan tombol', 'Keyboard help'), click: act.help }, '?')),
  ];
}

// banner says that the screen is not current, since when, and what happens.
export function banner(state: State): string {
  if (state.signedOut) return both('SESI BERAKHIR — masuk lagi. Data di layar tidak baru.', 'SIGNED OUT — sign in again. What you see is not current.');
  const s = (Date.now() - state.heardAt) / 1000;
  if (s < 10 && state.setup) return both('Mengejar ketinggalan — data di layar belum baru…', 'Catching up — what you see is not current yet…');
  if (!state.setup) return both('Menyambung ke gateway…', 'Connecting to the gateway…');
  return both(`TERPUTUS dari gateway sejak ${duration(s)} lalu — data di layar LAMA. Menyambung kembali…`, `CUT OFF from the gateway for ${duration(s)} — what you see is OLD. Reconnecting…`);
}

const keys: [string, string, string][] = [
  ['N', 'Insiden baru', 'New incident'], ['1 – 0', 'Kategori (dalam formulir)', 'Category (in the form)'], ['A', 'Tanggapi alarm teratas', 'Acknowledge the top alarm'], ['⇧ A', 'Tanggapi semua', 'Acknowledge all'],
  ['J K ↓ ↑', 'Insiden berikut, sebelum', 'Next, previous incident'], ['S', 'Kirim tim', 'Send units'], ['R', 'Tinjau', 'Review'], ['C', 'Catatan', 'Note'], ['V', 'Laporan suara', 'Voice report'], ['X', 'Tutup insiden', 'Close the incident'], ['Z', 'Urungkan', 'Undo'],
  ['I', 'Papan insiden', 'Board'], ['U', 'Daftar tim', 'Units'], ['/', 'Cari tim', 'Find a unit'], ['F', 'Ikuti tim', 'Follow the unit'], ['T', 'Jejak satu jam', 'Tracks of an hour'], ['G', 'Ukur jarak', 'Measure'], ['D', 'Tim terdekat', 'Nearest units'], ['H', 'Seluruh kabupaten', 'Whole county'],
  ['P', 'Putar ulang', 'Replay'], ['W', 'Analisis', 'Analysis'], ['L', 'Jalur', 'Links'], ['E', 'Alat', 'Devices'], ['M', 'Bisukan', 'Mute'], ['Esc', 'Kembali', 'Back'], ['?', 'Bantuan ini', 'This help'],
];

export function help(close: () => void): Child[] {
  return [
    el('div', { class: 'title' }, el('h2', {}, both('Tombol', 'Keys')), el('button', { type: 'button', 'aria-label': both('Tutup', 'Close'), click: close }, '✕')),
    el('dl', { class: 'keys' }, ...keys.flatMap(([k, id, en]) => [el('dt', {}, el('kbd', {}, k)), el('dd', {}, both(id, en))])),
    el('p', { class: 'legend' }, both('Bentuk: ', 'Shapes: '), el('span', { class: 'new' }, '◆ '), both('baru', 'new'), el('span', { class: 'running' }, '  ▸ '), both('berjalan', 'running'), el('span', { class: 'warning' }, '  ▲ '), both('hampir lewat', 'due soon'), el('span', { class: 'breached' }, '  ■ '), both('terlampaui', 'breached')),
    el('p', { class: 'legend' }, el('a', { href: '/help/', target: '_blank', rel: 'noopener' }, both('Panduan dan kartu tim lapangan', 'Guides and the field team’s card'))),
    el('p', { class: 'legend dim' }, both('Bukti: ⌨ tombol HT · ◎ GPS · ✎ dispatcher · ⇄ CAD', 'Evidence: ⌨ radio key · ◎ GPS · ✎ dispatcher · ⇄ CAD')),
  ];
}
