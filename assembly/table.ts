// Generated from spec/platforms, spec/table and spec/abi.json by scripts/generate/table.ts; do not edit.
// What differs between platforms: the numbers of their socket interface and what their behaviour table answers.

/** How many rows there are; row 0 is the platform that nobody knows. */
export const PLATFORMS = 12;
export const PLATFORM_LINUX = 1;
export const PLATFORM_FREEBSD = 2;
export const PLATFORM_OPENBSD = 3;
export const PLATFORM_NETBSD = 4;
export const PLATFORM_ILLUMOS = 5;
export const PLATFORM_MACOS = 6;
export const PLATFORM_WINDOWS = 7;
export const PLATFORM_LINUX_MIPS = 8;
export const PLATFORM_LINUX_SPARC = 9;
export const PLATFORM_LINUX_ALPHA = 10;
export const PLATFORM_LINUX_PARISC = 11;
export const PLATFORM_GVISOR = 12;

// 5 lists of two words: the socket level below the option, and the most seconds.
// Behind them in the same piece of memory, in the order of ERROR_*, lists of errno:
// 6 of 12 bytes each; and one word for each of 64 platforms, row 0 included:
// its traits; bit 14: struct linger is two u_short; bit 15: an option 128 counts ticks; from the bits 16 and 20
// the numbers of its lists. The zeros at the end take no room in the module.
const NUMBERS: usize = memory.data<i32>([
  851969, 2147482, 8454143, 65535, 8454143, 32767, 8454143, 2147482, 276889599, 327, 371222635,
  1852266505, 1545694219, 371209785, 1010116105, 706820643, 371229574, -1853726967, 1663143691,
  369112633, 1010116105, 704657955, 371209785, 1010116105, 706820619, 371255531, -286795767,
  -601756661, 0, 2718, 1115784, 1181312, 1115784, 2294112, 1345194, 3229025, 2296478, 4393630,
  1247902, 5442206, 644, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const ERRNOS: usize = NUMBERS + 40;
const ROWS: usize = ERRNOS + 72;

/**
 * The word of a platform, 0 … 63, given as its number or as a context word: TRAIT_* in the low bits. 0 for a
 * platform that nobody knows.
 */
export function row(platform: i32): i32 {
  return load<i32>(ROWS + ((platform & 63) << 2));
}

/** What a column (COLUMN_*) holds for a platform, 0 … 63, or a context word; 0 for what is unknown. */
export function column(platform: i32, which: i32): i32 {
  const word = row(platform);
  if (word == 0 || which > 17) return 0;
  const numbers = NUMBERS + (((word >> 16) & 15) << 3);
  switch (which) {
    case 0: return word & 16383; // TRAITS
    case 1: return load<i32>(numbers) & 65535; // SOCKET_LEVEL
    case 2: return load<i32>(numbers) >>> 16; // LINGER_OPTION
    case 3: return load<i32>(numbers + 4); // LINGER_MOST
    case 4: return (word & 16384) != 0 ? 4 : 8; // LINGER_BYTES
    case 5: return (word & 32768) != 0 ? 128 : 0; // LINGER_TICKS_OPTION
    default: return errno(word >> 20, which - 6);
  }
}

// Winsock counts its errors from 10000, every other platform from 0.
function errno(family: i32, index: i32): i32 {
  const at = family * 12 + index;
  const byte = (load<i32>(ERRNOS + (at & -4)) >> ((at & 3) << 3)) & 255;
  return family == 3 && byte != 0 ? byte + 10000 : byte;
}
