// Stands in for fflate in the built page. pmtiles calls it only where a browser has no
// DecompressionStream, and those that run this page have it (Chromium 80, Firefox 113,
// Safari 16.4); the page has to come over a county's lines.
export function decompressSync(): never {
  throw new Error('this browser has no DecompressionStream');
}
