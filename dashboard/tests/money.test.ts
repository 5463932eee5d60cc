import { expect, test } from "vitest";

import { money } from "../src/savings/money";

test("an amount has the digits of its currency, and the price of an hour more", () => {
  expect(money(1234.5, "USD", "en")).toBe("$1,234.50");
  expect(money(0.0104, "USD", "en", 4)).toBe("$0.0104");
  expect(money(1234.5, "USD", "ja")).toBe("$1,234.50");
  expect(money(3, "CNY", "en")).toBe("CN¥3.00");
});
