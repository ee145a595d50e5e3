// Which period is to be replayed: a day and an hour, or an incident.
import { api } from '../shared/api';
import { el } from '../shared/dom';
import { clockTime, fromLocalInput, localInput } from '../shared/time';
import type { Incident, Setup } from '../shared/types';
import { both, current } from '../shared/words';

const spans: [number, string, string][] = [[900, '15 menit', '15 minutes'], [3600, '1 jam', '1 hour'], [7200, '2 jam', '2 hours'], [21_600, '6 jam', '6 hours'], [43_200, '12 jam', '12 hours']];

// whose replay it is, as the address and the gateway name it.
export type Choice = { incident: string } | { from: string; to: string };

function go(c: Choice): void {
  location.search = new URLSearchParams(c).toString();
}

function name(setup: Setup, i: Incident): string {
  return setup.categories.find((c) => c.key === i.category)?.[current()] ?? i.category;
}

export async function choose(dialog: HTMLDialogElement, setup: Setup): Promise<void> {
  const now = Date.parse(setup.clock.now);
  const from = el('input', { type: 'datetime-local', name: 'from', required: true, step: '1', value: localInput(now - 3_600_000), 'aria-label': both('Mulai (WIB)', 'From (WIB)') });
  const span = el('select', { name: 'span', 'aria-label': both('Lama', 'For') }, ...spans.map(([s, id, en]) => el('option', { value: String(s), selected: s === 3600 }, both(id, en))));
  const list = el('div', { class: 'found' });
  let asked = 0;
  // The gateway knows categories by their keys, and has more incidents than a page holds.
  const fill = async (typed: string): Promise<void> => {
    const mine = ++asked;
    const meant = typed.length > 2 && setup.categories.find((c) => c[current()].toLowerCase().includes(typed.toLowerCase()));
    const found = await api.incidents(meant ? meant.key : typed, 40);
    if (mine === asked) list.replaceChildren(...found.slice(0, 40).map((i) => el('button', { type: 'button', click: () => go({ incident: i.id }) }, el('b', {}, i.number), el('span', {}, name(setup, i)), el('span', { class: 'dim' }, `${clockTime(i.received_at)} · ${i.address || i.district || '—'}`))));
  };
  await fill('');
  dialog.replaceChildren(
    el('h2', { id: 'choose-title' }, both('Putar ulang', 'Replay')),
    el('form', { submit: (e) => {
      e.preventDefault();
      const begin = fromLocalInput(from.value);
      go({ from: begin.toISOString(), to: new Date(begin.getTime() + Number(span.value) * 1000).toISOString() });
    } },
    el('p', { class: 'dim' }, both('Satu jam yang lalu, atau masa lain', 'An hour of the past, or another period')),
    el('div', { class: 'row' }, from, span, el('button', { class: 'primary', type: 'submit' }, both('Putar', 'Play')))),
    el('p', { class: 'dim' }, both('atau satu insiden', 'or one incident')),
    el('input', { type: 'search', 'aria-label': both('Cari insiden', 'Find an incident'), placeholder: both('Cari nomor, kategori, alamat', 'Find number, category, address'), input: (e) => void fill((e.target as HTMLInputElement).value) }),
    list);
  if (!dialog.open) dialog.showModal();
}
