const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/**
 * How sizes are written: three digits and a decimal unit, as file managers and stores count: `1.5 GB`.
 *
 * @param locale a BCP 47 tag; `undefined`: the system's or the browser's.
 * @returns writes a number of bytes, 0 or more.
 */
export function sizeWriter(locale: string | undefined): (bytes: number) => string {
  const formats = units.map(
    (unit) =>
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit,
        // The short form of `byte` has no plural in English.
        unitDisplay: unit === 'byte' ? 'long' : 'short',
        maximumSignificantDigits: 3,
      }),
  );
  return (bytes) => {
    let at = 0;
    // What would be rounded up to 1,000 is one of the next unit.
    for (let rest = bytes; rest >= 999.5 && at < units.length - 1; rest /= 1_000) at += 1;
    return formats[at]?.format(bytes / 1_000 ** at) ?? '';
  };
}
