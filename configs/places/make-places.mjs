// Makes the table of a county's villages from the npm package geografis (MIT):
//   npm install --prefix /tmp/geografis geografis@1.3.2
//   node configs/places/make-places.mjs /tmp/geografis "Kabupaten Majalengka" > configs/places/majalengka.csv
// The package is 62 MB, so only the county's table is kept here.
import { createRequire } from 'node:module';
const [, , place, county] = process.argv;
const { data } = createRequire(`${place}/`)('geografis');
const rows = data.filter((v) => v.city === county);
if (rows.length === 0) throw new Error(`no villages in ${county}`);
console.log(`# Villages of ${county}. Source: npm package geografis 1.3.2 (MIT). Points, not boundaries.`);
console.log('code,district,village,lat,lon,elevation_m,postal');
for (const v of rows) {
  console.log([v.code, v.district, v.village, v.latitude.toFixed(5), v.longitude.toFixed(5), Math.round(v.elevation), v.postal].join(','));
}
