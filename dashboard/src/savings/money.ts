/** Amounts of money, as people write them. */

/** An amount; prices of an hour are small and get more digits. */
export function money(value: number, currency: string, language: string, digits = 2): string {
  return new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: digits }).format(value);
}
