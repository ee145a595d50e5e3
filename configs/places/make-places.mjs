// Makes the table of a county's villages from the npm package geografis (MIT):
//   node configs/places/make-places.mjs "Kabupaten Kuningan" > kuningan.csv
// The package is 62 MB, so only the county's table is kept here. It is fetched into a
// folder that is removed afterwards, or read from the folder that is named second.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const version = '1.3.2';

function readVillages(folder) {
  return createRequire(`${resolve(folder)}/`)('geografis').data;
}

function fetchVillages() {
  const folder = mkdtempSync(join(tmpdir(), 'geografis-'));
  try {
    // npm talks on standard output, which is the table's here.
    execFileSync('npm', ['install', '--no-save', '--prefix', folder, `geografis@${version}`], { stdio: ['ignore', 2, 2] });
    return readVillages(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fail(why) {
  console.error(why);
  process.exit(2);
}

const cell = (v) => (/[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v ?? ''));

const [county, folder] = process.argv.slice(2);
if (!county) fail('usage: node make-places.mjs COUNTY [FOLDER WITH geografis INSTALLED]');
const villages = folder ? readVillages(folder) : fetchVillages();
const rows = villages.filter((v) => v.city === county);
if (rows.length === 0) {
  const word = county.split(' ').at(-1).toLowerCase();
  const near = [...new Set(villages.map((v) => v.city))].filter((c) => c.toLowerCase().includes(word));
  fail(`no villages in "${county}"${near.length ? `; did you mean ${near.join(', ')}?` : ''}`);
}
const placed = rows.filter((v) => Number.isFinite(v.latitude) && Number.isFinite(v.longitude));
for (const v of rows.filter((v) => !placed.includes(v))) console.error(`${v.village}, ${v.district} has no coordinates: left out`);
console.log(`# Villages of ${county}. Source: npm package geografis ${version} (MIT). Points, not boundaries.`);
console.log('code,district,village,lat,lon,elevation_m,postal');
for (const v of placed) {
  console.log([v.code, v.district, v.village, v.latitude.toFixed(5), v.longitude.toFixed(5), Math.round(v.elevation), v.postal].map(cell).join(','));
}
