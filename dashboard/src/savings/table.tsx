/** What stopped instances have saved, by type, with the formula. */
import Box from "@cloudscape-design/components/box";
import Table from "@cloudscape-design/components/table";

import type { Schemas } from "../api/client";
import { useFormat, useLanguage, useWords } from "../i18n/language";
import { useFitting } from "../ui/fitting";
import { money } from "./money";
import { useSavingWords } from "./words";

type Saving = Schemas["Saving"];

export function SavingsTable({ savings }: { savings: Saving[] }) {
  const say = useSavingWords();
  const words = useWords();
  const format = useFormat();
  const { language } = useLanguage();
  const amount = (value: number | null, { currency, fetching }: Saving, digits: number) =>
    value !== null && currency !== null
      ? money(value, currency, language, digits)
      : fetching
        ? say.fetching
        : say.noPrice;
  return (
    <div>
      <Box variant="h3">{say.title}</Box>
      <Table
        variant="borderless"
        contentDensity="compact"
        items={savings}
        ariaLabels={{ tableLabel: say.title }}
        columnDefinitions={useFitting<Saving>([
          { id: "type", header: say.type, isRowHeader: true, cell: ({ type }: Saving) => type ?? say.unknownType },
          { id: "region", header: say.region, cell: ({ region }: Saving) => region },
          {
            id: "hours",
            header: say.hours,
            cell: ({ hours }: Saving) => words.report.hours(format.number(Math.round(hours * 10) / 10)),
          },
          { id: "price", header: say.price, cell: (row: Saving) => amount(row.price, row, 4) },
          { id: "money", header: say.money, cell: (row: Saving) => amount(row.money, row, 2) },
        ])}
      />
      <Box variant="small">{say.formula}</Box>
    </div>
  );
}

/** The sum, and whether there are hours whose price is not known. */
export function useMoneySaved(): (report: Pick<Schemas["Report"], "money_saved" | "currency" | "savings">) => string {
  const say = useSavingWords();
  const words = useWords();
  const { language } = useLanguage();
  return ({ money_saved, currency, savings }) => {
    if (money_saved === null || currency === null) {
      if (!savings.length) return words.none;
      return savings.some((saving) => saving.fetching) ? say.fetching : say.noPrice;
    }
    const told = money(money_saved, currency, language);
    return savings.some((saving) => saving.money === null) ? `${told} (${say.some})` : told;
  };
}
