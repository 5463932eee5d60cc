/** What parts say of failed resources and of those they left alone, in Japanese: a table of their texts, {} in the place of
 * each value. A number names a value that stands elsewhere in Japanese; {2:told} is one that is said in Japanese itself. */
import table from "./causes-ja.json";

const VALUE = /\{\}/;
/** A text this short is a common phrase: with more than a word in it, it would be one of AWS. */
const SHORT = 12;

const own = (text: string) => text.split(VALUE).join("");

const FORMS = Object.entries(table)
  .sort(([one], [other]) => own(other).length - own(one).length)
  .map(([english, japanese]) => {
    const value = own(english).length < SHORT ? "(\\S+)" : "(.+?)";
    const pieces = english.split(VALUE).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return { form: new RegExp(`^${pieces.join(value)}$`), japanese };
  });

/** A resource in the table of those that failed: its id and the error's code. */
const ROW = /^( {2}\S+ +[\w.]+: )(.+)$/;

function line(text: string, told: (text: string) => string): string {
  const [, before = "", said = text] = ROW.exec(text) ?? [];
  for (const { form, japanese } of FORMS) {
    const found = form.exec(said);
    if (!found) continue;
    let next = 0;
    const filled = japanese.replace(/\{(\d?)(:told)?\}/g, (_, at: string, again?: string) => {
      const value = found[(at ? Number(at) : next++) + 1] ?? "";
      return again ? told(value) : value;
    });
    return before + filled;
  }
  return text;
}

/** A cause or a reason, each line by itself; what AWS says stays as it says it. */
export function toldCause(text: string, told: (text: string) => string): string {
  return text
    .split("\n")
    .map((each) => line(each, told))
    .join("\n");
}
