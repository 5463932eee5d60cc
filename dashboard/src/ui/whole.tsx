/** Text with parts that no line breaks in, such as dates and ids. */
import { pieces } from "./unbroken";

/** part: what stays together wherever it stands in the text. */
export function Whole({ text, part }: { text: string; part: string }) {
  const [before, ...rest] = text.split(part);
  return (
    <>
      {before}
      {rest.map((after, index) => (
        <span key={index}>
          <span className="nowrap">{part}</span>
          {after}
        </span>
      ))}
    </>
  );
}

/** Ids, Regions and zones stay together. */
export function WholeNames({ text }: { text: string }) {
  return pieces(text).map((part, index) =>
    index % 2 === 1 ? (
      <span key={index} className="nowrap">
        {part}
      </span>
    ) : (
      part
    ),
  );
}
