// The words of the figures, Indonesian first.
import type { Setup } from '../shared/types';
import { both, current } from '../shared/words';
import type { By } from './figures';

const intervals: Record<string, [string, string, string]> = {
  call_processing: ['Pemrosesan panggilan', 'Call processing', 'panggilan diterima → tim pertama dikirim'],
  turnout: ['Persiapan berangkat', 'Turnout', 'tim dikirim → tim berangkat'],
  travel: ['Perjalanan', 'Travel', 'tim berangkat → tim tiba di lokasi'],
  response: ['Waktu tanggap', 'Response', 'panggilan diterima → tim tiba di lokasi'],
  on_scene: ['Penanganan di lokasi', 'On scene', 'tim tiba di lokasi → tim selesai'],
  total: ['Total', 'Total', 'panggilan diterima → insiden ditutup'],
  on_scene_update: ['SOP 9: kabar tiba', 'SOP 9: on-scene update', 'tim dikirim → kabar pertama tim di lokasi'],
  progress_update: ['SOP 10: kabar penanganan', 'SOP 10: progress update', 'kabar tiba atau penanganan → kabar berikutnya atau selesai'],
  monitoring: ['SOP 11: pemantauan', 'SOP 11: monitoring', 'pengiriman pertama atau pemantauan → pemantauan berikutnya atau penutupan'],
  closing: ['SOP 13: penutupan', 'SOP 13: closing', 'tim terakhir selesai → insiden ditutup'],
  whole_flow: ['SOP: seluruh alur', 'SOP: whole flow', 'panggilan diterima → insiden ditutup'],
};
export const intervalNames = Object.keys(intervals);
export const intervalName = (i: string): string => intervals[i]?.[current() === 'id' ? 0 : 1] ?? i;
export const meaning = (i: string, starts: string, ends: string): string => (current() === 'id' ? intervals[i]?.[2] : undefined) ?? `${starts} → ${ends}`;

const byWords: Record<By, [string, string]> = {
  category: ['kategori', 'category'], agency: ['instansi', 'agency'], unit: ['tim', 'unit'], district: ['kecamatan', 'district'], hour: ['jam panggilan', 'hour of the call'],
  weekday: ['hari', 'weekday'], day: ['tanggal', 'day'], week: ['pekan', 'week'], month: ['bulan', 'month'],
};
export const byName = (b: By): string => byWords[b][current() === 'id' ? 0 : 1];

const days: Record<string, string> = { Monday: 'Senin', Tuesday: 'Selasa', Wednesday: 'Rabu', Thursday: 'Kamis', Friday: 'Jumat', Saturday: 'Sabtu', Sunday: 'Minggu' };

export function groupName(setup: Setup, by: By, group: string): string {
  switch (by) {
    case 'category': return setup.categories.find((c) => c.key === group)?.[current()] ?? group;
    case 'unit': return setup.units.find((u) => u.id === group)?.call_sign ?? group;
    case 'hour': return `${group}:00–${group}:59`;
    case 'weekday': return both(days[group] ?? group, group);
    case 'week': return `${both('mulai', 'from')} ${group.slice(5)}`;
    case 'day': return group.slice(5);
    default: return group || '—';
  }
}

const reasons: Record<string, [string, string]> = {
  no_start: ['awal tidak tercatat', 'start not recorded'], no_end: ['akhir tidak tercatat', 'end not recorded'], taken_off: ['tim ditarik', 'unit taken off'], still_open: ['belum selesai', 'still open'],
  clock_unsure: ['jam alat meragukan', 'clock unsure'], corrected: ['nilai lama, dikoreksi', 'old value, corrected'], contradictory: ['waktu bertentangan', 'contradictory times'],
};
export const reasonName = (r: string): string => reasons[r]?.[current() === 'id' ? 0 : 1] ?? r;

const verdicts: Record<string, [string, string]> = {
  more: ['lebih lama', 'longer'], less: ['lebih singkat', 'shorter'], chance: ['mungkin kebetulan', 'may be chance'], few: ['terlalu sedikit nilai', 'too few values'],
};
export const verdictName = (v: string): string => verdicts[v]?.[current() === 'id' ? 0 : 1] ?? v;

// methods are the report's own sentences; in Indonesian the page's.
export const methods: Record<'median' | 'percentile' | 'open' | 'compare' | 'keys', string> = {
  median: 'nilai tengah, atau rata-rata kedua nilai di tengah', percentile: 'peringkat terdekat: nilai terukur terkecil yang tidak dilampaui sedikitnya 90 % nilai',
  open: 'interval yang belum selesai dihitung begitu melewati batasnya: tidak terpenuhi, dan sedikitnya selama yang sudah berjalan; median atau persentil yang masih bisa naik karenanya ditandai ≥',
  compare: 'waktu: uji peringkat Mann–Whitney dua sisi atas semua nilai; bagian: uji eksak Fisher dua sisi; berbeda nyata bila p < 0,05 setelah penyesuaian Holm; kurang dari 5 nilai tidak diuji',
  keys: 'diharapkan: tombol berangkat dan tiba pada setiap kedatangan atau tugas yang selesai, tombol selesai pada kedatangan yang tugasnya selesai; terlambat: tombol tiba lebih dari 2 menit setelah GPS; tanpa: hanya diketahui dari GPS atau dispatcher, atau tidak sama sekali; bertentangan: ditekan jauh dari lokasi, atau selesai sebelum tiba',
};
