// Every word that a person reads, Indonesian first.
export type Language = 'id' | 'en';

const words: Record<string, [string, string]> = {
  incidents: ['Insiden terbuka', 'Open incidents'],
  closed: ['Ditutup', 'Closed'],
  none: ['Tidak ada insiden terbuka', 'No open incidents'],
  newIncident: ['Insiden baru', 'New incident'],
  send: ['Kirim', 'Send'],
  sendUnits: ['Kirim tim', 'Send units'],
  review: ['Tinjau', 'Review'],
  note: ['Catatan', 'Note'],
  add: ['Tambah', 'Add'],
  close: ['Tutup insiden', 'Close incident'],
  back: ['Kembali', 'Back'],
  cancel: ['Batal', 'Cancel'],
  create: ['Buat insiden', 'Create incident'],
  category: ['Kategori', 'Category'],
  place: ['Tempat: desa atau kecamatan, atau klik peta', 'Place: village or sub-district, or click the map'],
  address: ['Alamat', 'Address'],
  description: ['Uraian', 'Description'],
  caller: ['Pelapor', 'Caller'],
  timeline: ['Kronologi', 'Timeline'],
  clocks: ['Jam SOP', 'SOP clocks'],
  alerts: ['Peringatan', 'Alerts'],
  was: ['semula', 'was'],
  units: ['Tim', 'Units'],
  links: ['Jalur', 'Links'],
  behind: ['TERPUTUS dari gateway — data di layar tidak baru', 'CUT OFF from the gateway — what you see is not current'],
  catching: ['Menyambung kembali…', 'Reconnecting…'],
  approximate: ['Batas kecamatan: perkiraan dari titik desa', 'Sub-district lines: approximate, from village points'],
  language: ['English', 'Indonesia'],
  theme: ['Terang/gelap', 'Light/dark'],
  nofix: ['tanpa posisi', 'no position'],
  ago: ['lalu', 'ago'],
  free: ['bebas', 'free'],
  received: ['Panggilan diterima', 'Call received'],
  dispatched: ['Dikirim', 'Dispatched'],
  acknowledged: ['Diterima tim', 'Acknowledged'],
  en_route: ['Menuju lokasi', 'En route'],
  on_scene: ['Tiba di lokasi', 'On scene'],
  in_progress: ['Penanganan', 'In progress'],
  needs_assistance: ['Minta bantuan', 'Needs assistance'],
  completed: ['Selesai', 'Completed'],
  returning: ['Kembali', 'Returning'],
  available: ['Siap', 'Available'],
  out_of_service: ['Tidak bertugas', 'Out of service'],
  emergency: ['DARURAT', 'EMERGENCY'],
  other: ['Kode lain', 'Other code'],
  cancelled: ['Dibatalkan', 'Cancelled'],
  on_scene_update: ['Kabar tiba', 'Arrival report'],
  progress_update: ['Kabar penanganan', 'Progress report'],
  monitoring: ['Pemantauan', 'Monitoring'],
  closing: ['Penutupan', 'Closing'],
  whole_flow: ['Seluruh alur', 'Whole flow'],
  key: ['tombol', 'key'],
  geofence: ['GPS', 'GPS'],
  dispatcher: ['dispatcher', 'dispatcher'],
  cad: ['CAD', 'CAD'],
  confirmed: ['dua bukti', 'confirmed'],
  key_only: ['tombol saja', 'key only'],
  gps_only: ['GPS saja', 'GPS only'],
  conflict: ['BERTENTANGAN', 'CONFLICT'],
  up: ['hidup', 'up'],
  down: ['MATI', 'DOWN'],
  opening: ['membuka', 'opening'],
  frames: ['bingkai', 'frames'],
  errors: ['ditolak', 'refused'],
};

let language: Language = localStorage.getItem('language') === 'en' ? 'en' : 'id';

export function current(): Language {
  return language;
}

export function use(l: Language): void {
  language = l;
  localStorage.setItem('language', l);
  document.documentElement.lang = l;
}

// say is the word for a key; a key that has none is shown as it is.
export function say(key: string): string {
  return words[key]?.[language === 'id' ? 0 : 1] ?? key;
}
